// Closures, generators, destructuring, classes, labelled loops, tagged templates, proxies, symbols.
const counters = [];
for (let i = 0; i < 3; i++) counters.push(() => i++ * 10);
console.log(counters.map((f) => (f(), f())).join());

function* fibonacci(a = 0, b = 1) {
  for (;;) {
    yield a;
    [a, b] = [b, a + b];
  }
}
const first = [];
for (const n of fibonacci()) {
  if (n > 100) break;
  first.push(n);
}
console.log(first.join(' '));

class Shape {
  #sides;
  static made = 0;
  constructor(sides) {
    this.#sides = sides;
    Shape.made++;
  }
  get sides() {
    return this.#sides;
  }
  toString() {
    return `${this.constructor.name}(${this.sides})`;
  }
}
class Square extends Shape {
  constructor() {
    super(4);
  }
}
console.log(String(new Square()), String(new Shape(3)), Shape.made);

const { a, ...rest } = { a: 1, b: 2, c: [3, { d: 4 }] };
console.log(a, JSON.stringify(rest), rest?.e?.f ?? 'none');
outer: for (let i = 0; i < 4; i++) {
  for (let j = 0; j < 4; j++) {
    if (j === 2) continue outer;
    if (i === 2) break outer;
    console.log(i, j);
  }
}
const tag = (parts, ...values) => parts.raw.join('|') + values.join('+');
console.log(tag`x${1}\n${2}z`);
const seen = [];
const proxy = new Proxy({}, { get: (_, name) => (seen.push(String(name)), 42), has: () => true });
console.log(proxy.anything + proxy[Symbol.iterator], 'x' in proxy, seen.join());
console.log([3, 1, 2].toSorted().concat([..."añ€😀"]).join());
console.log(Array.from({ length: 5 }, (_, i) => i ** 2).reduce((x, y) => x + y));
console.log(typeof null, typeof undefined, typeof (() => 1), typeof 1n, typeof Symbol());
