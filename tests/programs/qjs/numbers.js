// Big integers, floating point, formatting, typed arrays, maths.
let f = 1n;
for (let i = 1n; i <= 50n; i++) f *= i;
console.log(f, f % 1000000007n, (-f) >> 100n, BigInt.asUintN(64, f));
console.log(2n ** 200n, 0xffffffffffffffffn, (1n << 64n) - 1n === 0xffffffffffffffffn);
console.log(0.1 + 0.2, 1 / 3, 1e21, 5e-324, 1.7976931348623157e308, -0, Object.is(-0, 0));
console.log((255).toString(16), (0.5).toString(2), (1234.5678).toFixed(2), (1234.5678).toExponential(3));
console.log(Number('0x1f'), parseInt('12px'), parseFloat('3.14abc'), Number('abc'), 1 / 0);
console.log(Math.hypot(3, 4), Math.cbrt(27), Math.fround(5.5), Math.clz32(1), Math.trunc(-4.7));
console.log([Math.sin(1), Math.cos(1), Math.exp(1), Math.log(10), Math.pow(2, 0.5)].map((x) => x.toFixed(12)).join());
console.log(~~(2 ** 31), (2 ** 32) >>> 0, -1 >>> 0, 1 << 31, 7 & 12, 7 ^ 12);
const bytes = new Uint8Array([1, 2, 300, -1]);
const view = new DataView(new ArrayBuffer(16));
view.setFloat64(0, Math.PI);
view.setBigInt64(8, -2n);
console.log(bytes.join(), view.getUint32(0).toString(16), view.getInt16(14), view.getBigUint64(8));
console.log(new Float32Array([1.1, 2.2]).map((x) => x * 2).join());
