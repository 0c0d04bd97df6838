//! Pictures, as SVG: bars for works, lines for growth. Both axes that show sizes are logarithmic, since what is compared
//! differs by factors.

use std::fmt::Write as _;

use crate::results::{Curve, Results, Row};
use crate::works::SETLINK;

const FONT: &str = "font-family='system-ui, sans-serif' font-size='12'";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `12 ms`, `1.3 s`, `45 µs`.
pub fn seconds(s: f64) -> String {
    match s {
        s if s >= 10.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 0.1 => format!("{:.0} ms", s * 1e3),
        s if s >= 0.001 => format!("{:.1} ms", s * 1e3),
        s if s >= 1e-4 => format!("{:.0} µs", s * 1e6),
        s => format!("{:.1} µs", s * 1e6),
    }
}

fn color(name: &str) -> &'static str {
    match name {
        name if name.starts_with(SETLINK) => "#d9480f",
        "the floor" => "#adb5bd",
        name if name.starts_with("llvm-") || name == "JITLink" => "#1971c2",
        name if name.contains("dlopen") => "#ced4da",
        _ => "#74a9cf",
    }
}

/// One group of bars for each work: processor seconds, and wall seconds where that is what counts.
pub fn bars(results: &Results, wall: &dyn Fn(&str) -> bool) -> String {
    let (left, width, bar) = (210.0, 520.0, 17.0);
    let mut body = String::new();
    let mut y = 30.0;
    for (name, work) in &results.works {
        let value = |row: &Row| row.spread(|s| if wall(name) { s.wall } else { s.cpu }).median;
        let measured: Vec<(&Row, f64)> =
            work.rows.iter().map(|row| (row, value(row))).filter(|(_, value)| *value > 0.0).collect();
        let low = measured.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min) / 2.0;
        let high = measured.iter().map(|(_, v)| *v).fold(0.0, f64::max);
        let own = measured.iter().find(|(row, _)| row.name == SETLINK).map_or(1.0, |(_, v)| *v);
        let kind = if wall(name) { "wall time" } else { "processor time" };
        let _ = writeln!(
            body,
            "<text x='10' y='{y}' font-weight='bold'>{}</text><text x='{left}' y='{y}' fill='#495057'>{kind}, \
             logarithmic; in brackets: times Setlink's</text>",
            escape(name)
        );
        y += 8.0;
        for (row, value) in measured {
            let length = (value / low).ln() / (high / low).ln().max(1e-9) * width;
            let middle = y + bar - 5.0;
            let _ = writeln!(
                body,
                "<text x='{}' y='{middle}' text-anchor='end'>{}</text><rect x='{left}' y='{:.1}' width='{length:.1}' \
                 height='{}' fill='{}'/><text x='{:.1}' y='{middle}'>{} ({:.2})</text>",
                left - 8.0,
                escape(&row.name),
                y + 2.0,
                bar - 3.0,
                color(&row.name),
                left + length + 6.0,
                seconds(value),
                value / own
            );
            y += bar;
        }
        y += 28.0;
    }
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='860' height='{y}' viewBox='0 0 860 {y}' {FONT}>\n\
         <rect width='100%' height='100%' fill='white'/>\n{body}</svg>\n"
    )
}

/// Time and memory for each axis of growth.
pub fn curves(curves: &[Curve]) -> String {
    let mut axes: Vec<&str> = curves.iter().map(|curve| &*curve.axis).collect();
    axes.dedup();
    let (w, h, gap) = (330.0, 210.0, 70.0);
    let mut body = String::new();
    for (row, axis) in axes.iter().enumerate() {
        for (column, what) in ["processor time", "peak memory"].into_iter().enumerate() {
            let own: Vec<&Curve> = curves.iter().filter(|curve| curve.axis == **axis).collect();
            let value = |point: &(usize, f64, f64)| if column == 0 { point.1 } else { point.2 * 1024.0 };
            let all = || own.iter().flat_map(|curve| &curve.points);
            let low = all().map(value).fold(f64::INFINITY, f64::min) / 1.3;
            let high = all().map(value).fold(0.0, f64::max) * 1.3;
            let first = all().map(|p| p.0).min().unwrap_or(1) as f64;
            let last = all().map(|p| p.0).max().unwrap_or(1) as f64;
            let (x0, y0) = (60.0 + column as f64 * (w + gap + 20.0), 40.0 + row as f64 * (h + gap));
            let x = |count: usize| x0 + (count as f64 / first).ln() / (last / first).ln() * w;
            let y = |value: f64| y0 + h - (value / low).ln() / (high / low).ln() * h;
            let _ = writeln!(
                body,
                "<text x='{x0}' y='{}' font-weight='bold'>{what} against {axis}</text>\
                 <rect x='{x0}' y='{y0}' width='{w}' height='{h}' fill='none' stroke='#ced4da'/>",
                y0 - 10.0
            );
            for curve in own {
                let points: Vec<String> =
                    curve.points.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(value(p)))).collect();
                let (Some(start), Some(end)) = (curve.points.first(), curve.points.last()) else { continue };
                let show = |v: f64| if column == 0 { seconds(v) } else { format!("{:.0} MB", v / 1e6) };
                let _ = writeln!(
                    body,
                    "<polyline points='{}' fill='none' stroke='{c}' stroke-width='2'/>\
                     <text x='{:.1}' y='{:.1}' fill='{c}'>{} {}</text><text x='{:.1}' y='{:.1}' \
                     text-anchor='end' fill='{c}'>{}</text>",
                    points.join(" "),
                    x(start.0) + 4.0,
                    y(value(start)) - 6.0,
                    curve.tool,
                    show(value(start)),
                    x(end.0) - 4.0,
                    y(value(end)) - 6.0,
                    show(value(end)),
                    c = color(&curve.tool)
                );
            }
            for count in [first, last] {
                let _ = writeln!(
                    body,
                    "<text x='{:.1}' y='{}' text-anchor='middle' fill='#495057'>{count}</text>",
                    x(count as usize),
                    y0 + h + 16.0
                );
            }
        }
    }
    let height = 40.0 + axes.len() as f64 * (h + gap);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='880' height='{height}' viewBox='0 0 880 {height}' {FONT}>\n\
         <rect width='100%' height='100%' fill='white'/>\n{body}</svg>\n"
    )
}
