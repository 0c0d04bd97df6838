// Regular expressions, JSON, strings, dates.
const log = 'ann@home.org, bob@work.com, nobody@nowhere';
for (const m of log.matchAll(/(?<user>\w+)@(?<host>\w+)\.(?:com|org)/g)) console.log(m.index, m.groups.user, m.groups.host);
console.log(log.replace(/(\w+)@(\w+)/g, (_, user, host) => `${host}:${user.toUpperCase()}`));
console.log(/(?<=\$)\d+(?!\d*%)/.exec('20% of $450')[0], /^\p{Lu}\p{Ll}+$/u.test('Éa'), 'aBc'.search(/[A-Z]/));
console.log('a-b_c d'.split(/[-_ ]/).join('.'), /a{2,3}?/.exec('aaaa')[0], /(a+)+b/.test('aaaaaaaaaaaac'));
const data = { s: 'q"\\\n\u0001é', n: [1, -2.5e10, null, true], o: { nested: {} }, d: new Date(0), skip: undefined };
const text = JSON.stringify(data, null, 1);
console.log(text, JSON.parse(text, (k, v) => (k === 'n' ? v.length : v)).n);
console.log(JSON.stringify({ a: [1, { b: 2 }] }), JSON.stringify('\ud800'), JSON.stringify([NaN, () => 1]));
console.log('straße'.toUpperCase(), 'ǅ'.toLowerCase(), 'e\u0301'.normalize('NFC').length, '😀'.codePointAt(0).toString(16));
console.log('abc'.padStart(6, '*-'), 'x'.repeat(3), ' trim '.trim(), 'abcdef'.slice(-3, -1), 'a,b'.at(-1));
console.log(new Date(Date.UTC(2024, 1, 29, 12, 30)).toISOString(), Date.parse('2020-02-30T00:00:00Z'));
const later = new Date('2024-12-31T23:59:59.999Z');
later.setUTCMilliseconds(1000);
console.log(later.toISOString(), later.getUTCDay(), new Date(NaN).getTime(), Date.now() > 1.6e12);
console.log(encodeURIComponent('a b&ü'), decodeURIComponent('%E2%82%AC'), escape('ü'));
