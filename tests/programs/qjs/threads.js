// A worker thread with shared memory.
import * as os from 'qjs:os';

const shared = new Int32Array(new SharedArrayBuffer(8));
const worker = new os.Worker('./threads_worker.js');
worker.onmessage = ({ data }) => {
  if (data.done) {
    print('worker says', data.done, 'and wrote', Atomics.load(shared, 0));
    worker.onmessage = null;
  } else {
    print('message', JSON.stringify(data));
  }
};
worker.postMessage({ shared, rounds: 1000 });
