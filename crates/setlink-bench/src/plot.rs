//! Pictures, as SVG: bars for works, lines for growth. Axes that show sizes are logarithmic, since what is compared
//! differs by factors.

use std::fmt::Write as _;

use crate::results::{Curve, Results, Row};
use crate::works::{FLOOR, SETLINK};

/// Colours on a light and on a dark page. `fill` and `stroke` take them as `currentColor`.
const STYLE: &str = "<style>
svg { color: #212529; background: #ffffff; }
text { fill: currentColor; }
text.halo { stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.page { color: #ffffff; } .quiet { color: #5c636a; } .grid { color: #dee2e6; }
.own { color: #d9480f; } .jit { color: #1864ab; } .file { color: #74a9cf; } .floor { color: #868e96; } .load { color: #ced4da; }
@media (prefers-color-scheme: dark) {
svg { color: #e6edf3; background: #0d1117; }
text.halo { stroke: #0d1117; }
.page { color: #0d1117; } .quiet { color: #9198a1; } .grid { color: #30363d; }
.own { color: #ff922b; } .jit { color: #4dabf7; } .file { color: #3b6d96; } .floor { color: #868e96; } .load { color: #495057; }
}
</style>
";

/// A kind of contender: its class, and what it is called.
const KINDS: [(&str, &str); 5] = [
    ("own", "Setlink"),
    ("jit", "linkers into memory"),
    ("file", "linkers to files"),
    ("floor", "the floor"),
    ("load", "loading only"),
];

fn class(name: &str) -> &'static str {
    match name {
        name if name.starts_with(SETLINK) => "own",
        FLOOR => "floor",
        name if name.starts_with("llvm-") || name == "JITLink" => "jit",
        name if name.contains("dlopen") => "load",
        _ => "file",
    }
}

fn picture(width: f64, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' \
         font-family='system-ui, sans-serif' font-size='12'>\n{STYLE}\
         <rect class='page' width='100%' height='100%' fill='currentColor'/>\n{body}</svg>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `12.3 ms`, `1.31 s`, `45.0 µs`.
pub fn seconds(s: f64) -> String {
    match s {
        s if s >= 9.995 => format!("{s:.0} s"),
        s if s >= 0.9995 => format!("{s:.2} s"),
        s if s >= 0.09995 => format!("{:.0} ms", s * 1e3),
        s if s >= 0.001 => format!("{:.1} ms", s * 1e3),
        s if s >= 1e-4 => format!("{:.0} µs", s * 1e6),
        s => format!("{:.1} µs", s * 1e6),
    }
}

/// A round number of seconds.
fn tick(s: f64) -> String {
    match s {
        s if s > 0.9 => format!("{s:.0} s"),
        s if s > 0.9e-3 => format!("{:.0} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}

/// The powers of `base` from below `low` to `high`.
fn powers(base: f64, low: f64, high: f64) -> Vec<f64> {
    let first = low.log(base).floor() as i32;
    (first..).map(|power| base.powi(power)).take_while(|value| *value <= high).collect()
}

/// One group of bars for each work: processor seconds, and wall seconds where that is what counts.
pub fn bars(results: &Results, wall: &dyn Fn(&str) -> bool) -> String {
    let (left, width, bar) = (190.0, 520.0, 17.0);
    let mut body = String::new();
    let mut x = 10.0;
    for (class, name) in KINDS {
        let _ = writeln!(
            body,
            "<rect class='{class}' x='{x}' y='14' width='12' height='12' fill='currentColor'/>\
             <text x='{}' y='24'>{name}</text>",
            x + 18.0
        );
        x += 40.0 + 7.0 * name.len() as f64;
    }
    let mut y = 54.0;
    for (name, work) in &results.works {
        let seconds_of = |sample: &crate::measure::Sample| if wall(name) { sample.wall } else { sample.cpu };
        // The time of what leaves its work to others is not told.
        let told = |row: &&Row| wall(name) || !row.name.ends_with(crate::works::FORKING);
        let rows = work.rows.iter().filter(told);
        let measured: Vec<(&Row, f64)> = rows.map(|row| (row, row.spread(seconds_of).median)).collect();
        let measured: Vec<(&Row, f64)> = measured.into_iter().filter(|(_, value)| *value > 0.0).collect();
        let low = measured.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min) * 0.8;
        let high = measured.iter().map(|(_, v)| *v).fold(0.0, f64::max);
        let own = measured.iter().find(|(row, _)| row.name == SETLINK).map(|(row, _)| *row);
        let kind = if wall(name) { "wall time" } else { "processor time" };
        let ticks = powers(10.0, low, high);
        let first = ticks.first().copied().unwrap_or(low);
        let along = |value: f64| left + (value / first).ln() / (high / first).ln().max(1e-9) * width;
        let _ = writeln!(
            body,
            "<text x='10' y='{y}' font-weight='bold'>{}</text><text class='quiet' x='{left}' y='{y}'>{kind}, \
             logarithmic; in brackets: times Setlink's</text>",
            escape(name)
        );
        y += 8.0;
        let bottom = y + bar * measured.len() as f64 + 3.0;
        for value in ticks {
            let x = along(value);
            let _ = writeln!(
                body,
                "<path class='grid' d='M{x:.1} {y}V{bottom}' stroke='currentColor'/>\
                 <text class='quiet' x='{x:.1}' y='{}' text-anchor='middle' font-size='11'>{}</text>",
                bottom + 12.0,
                tick(value)
            );
        }
        for (row, value) in measured {
            let (end, middle) = (along(value), y + bar - 4.0);
            let times = own.map(|own| format!(" ({:.2})", row.ratio(own, seconds_of))).unwrap_or_default();
            let _ = writeln!(
                body,
                "<text x='{}' y='{middle}' text-anchor='end'>{}</text><rect class='{}' x='{left}' y='{:.1}' \
                 width='{:.1}' height='{}' fill='currentColor'/><text class='halo' x='{:.1}' y='{middle}'>{}{times}</text>",
                left - 8.0,
                escape(&row.name),
                class(&row.name),
                y + 2.0,
                end - left,
                bar - 3.0,
                end + 6.0,
                seconds(value)
            );
            y += bar;
        }
        y = bottom + 46.0;
    }
    picture(850.0, y - 20.0, &body)
}

/// Time and memory for each axis of growth.
pub fn curves(curves: &[Curve]) -> String {
    let mut axes: Vec<&str> = curves.iter().map(|curve| &*curve.axis).collect();
    axes.dedup();
    let (w, h) = (340.0, 210.0);
    let mut body = String::from(
        "<text class='quiet' x='64' y='20'>Dashed: what is proportional to the count, through the last point.</text>\n",
    );
    for (row, axis) in axes.iter().enumerate() {
        for (column, what) in ["processor time", "peak memory"].into_iter().enumerate() {
            let of_time = column == 0;
            let lines: Vec<(&str, Vec<(f64, f64)>)> = curves
                .iter()
                .filter(|curve| curve.axis == **axis)
                .map(|curve| {
                    let value = |point: &(usize, f64, f64)| if of_time { point.1 } else { point.2 / 1024.0 };
                    (&*curve.tool, curve.points().iter().map(|p| (p.0 as f64, value(p))).collect())
                })
                .collect();
            let (x0, y0) = (64.0 + column as f64 * (w + 76.0), 60.0 + row as f64 * (h + 80.0));
            let title = format!("{what} against number of {axis}");
            panel(&mut body, (x0, y0, w, h), &title, &lines, of_time);
        }
    }
    picture(850.0, 60.0 + axes.len() as f64 * (h + 80.0) - 30.0, &body)
}

/// One diagram: both axes logarithmic, a line for each tool.
fn panel(
    body: &mut String,
    (x0, y0, w, h): (f64, f64, f64, f64),
    title: &str,
    lines: &[(&str, Vec<(f64, f64)>)],
    of_time: bool,
) {
    let all = || lines.iter().flat_map(|(_, points)| points);
    let low = all().map(|p| p.1).fold(f64::INFINITY, f64::min) / 1.5;
    // Room for the labels over the lines.
    let high = all().map(|p| p.1).fold(0.0, f64::max) * 2.0;
    let first = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let last = all().map(|p| p.0).fold(0.0, f64::max);
    let x = |count: f64| x0 + (count / first).ln() / (last / first).ln().max(1e-9) * w;
    let y = |value: f64| y0 + h - (value / low).ln() / (high / low).ln() * h;
    let show = |value: f64| if of_time { seconds(value) } else { format!("{value:.1} MiB") };
    let _ = writeln!(body, "<text x='{x0}' y='{}' font-weight='bold'>{title}</text>", y0 - 10.0);
    for value in powers(if of_time { 10.0 } else { 4.0 }, low, high).into_iter().filter(|v| *v >= low) {
        let label = if of_time { tick(value) } else { format!("{value} MiB") };
        let _ = writeln!(
            body,
            "<path class='grid' d='M{x0} {y:.1}h{w}' stroke='currentColor'/><text class='quiet' x='{}' y='{:.1}' \
             text-anchor='end' font-size='11'>{label}</text>",
            x0 - 6.0,
            y(value) + 4.0,
            y = y(value)
        );
    }
    let mut count = first;
    while count <= last {
        // Every second is labelled: they are long.
        let label =
            if ((count / first).log2().round() as i32) % 2 == 0 { count.to_string() } else { String::new() };
        let _ = writeln!(
            body,
            "<path class='grid' d='M{x:.1} {y0}v{h}' stroke='currentColor'/><text class='quiet' x='{x:.1}' y='{}' \
             text-anchor='middle' font-size='11'>{label}</text>",
            y0 + h + 15.0,
            x = x(count)
        );
        count *= 2.0;
    }
    for (tool, points) in lines {
        let Some(end) = points.last() else { continue };
        let class = class(tool);
        let path: Vec<String> = points.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        // Proportional growth, as far down as the diagram goes.
        let from = (end.0 * low / end.1).max(first);
        let _ = writeln!(
            body,
            "<path class='{class}' d='M{:.1} {:.1}L{:.1} {:.1}' stroke='currentColor' stroke-dasharray='2 4' \
             fill='none'/><polyline class='{class}' points='{}' fill='none' stroke='currentColor' stroke-width='2'/>",
            x(from),
            y(end.1 * from / end.0),
            x(end.0),
            y(end.1),
            path.join(" ")
        );
    }
    for (tool, points) in lines {
        let (Some(start), Some(end)) = (points.first(), points.last()) else { continue };
        let class = class(tool);
        // Over all of the line that the label is as wide as.
        let over = points.iter().take(3).map(|p| y(p.1)).fold(f64::INFINITY, f64::min);
        let _ = writeln!(
            body,
            "<text class='halo {class}' x='{:.1}' y='{:.1}'>{tool} {}</text><text class='halo {class}' x='{:.1}' \
             y='{:.1}' text-anchor='end'>{}</text>",
            x0 + 4.0,
            over - 7.0,
            show(start.1),
            x(end.0) - 4.0,
            y(end.1) - 8.0,
            show(end.1)
        );
    }
}
