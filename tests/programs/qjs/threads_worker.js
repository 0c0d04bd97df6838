import * as os from 'qjs:os';

const parent = os.Worker.parent;
parent.onmessage = ({ data: { shared, rounds } }) => {
  for (let i = 0; i < rounds; i++) Atomics.add(shared, 0, 2);
  parent.postMessage({ half: shared[0] / 2, nested: [1, 'two', { three: 3n.toString() }] });
  parent.postMessage({ done: 'finished' });
  parent.onmessage = null;
};
