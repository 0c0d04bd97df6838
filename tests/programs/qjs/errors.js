// Exceptions through native frames, stack traces, finally, promises, deep recursion.
import * as os from 'qjs:os';

function thrower(n) {
  if (n === 0) throw new TypeError('bottom');
  return thrower(n - 1) + 1;
}
try {
  [1].map(() => thrower(3));
} catch (e) {
  console.log(e.name, e.message, e instanceof TypeError, e.stack.split('\n').length > 4);
}
try {
  JSON.parse('{"a":1', () => 1);
} catch (e) {
  console.log(e.name);
}
try {
  [3, 1, 2].sort(() => {
    throw { custom: true };
  });
} catch ({ custom }) {
  console.log('custom', custom);
}
const order = [];
(() => {
  try {
    order.push('try');
    return;
  } finally {
    order.push('finally');
  }
})();
console.log(order.join());
try {
  (function deep() {
    deep();
  })();
} catch (e) {
  console.log(e.name, 'on deep recursion');
}
try {
  null.x;
} catch (e) {
  console.log(e.message);
}
for (const code of ['let 1', 'new Array(-1)', 'x.y', '(1n + 1)', 'Symbol() + ""']) {
  try {
    eval(code);
  } catch (e) {
    console.log(code, '->', e.name);
  }
}
const sleep = (value, ms) => new Promise((resolve) => os.setTimeout(() => resolve(value), ms));
(async () => {
  const results = await Promise.allSettled([sleep('a', 5), Promise.reject(new Error('no')), sleep('b', 1)]);
  console.log(results.map((r) => r.value ?? r.reason.message).join());
  for await (const x of (async function* () {
    yield await sleep(1, 1);
    yield 2;
  })())
    console.log('async', x);
  try {
    await sleep(0, 1).then(() => thrower(0));
  } catch (e) {
    console.log('rejected', e.message);
  }
})();
