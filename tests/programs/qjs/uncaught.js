// status: 1
function fail() {
  throw new RangeError('nobody catches this');
}
console.log('before');
fail();
