// A list in a pattern of `t.match` is the whole list: by itself tap takes `[]` for any list and `[a]` for one that begins
// with `a`, and an assertion that cannot fail proves nothing. `.taprc` loads this before every test.
import { Has } from 'tcompare';

const compared = Object.getPrototypeOf(Has.prototype);
Object.defineProperty(Has.prototype, 'objectAsArray', {
  configurable: true,
  get() {
    return Reflect.get(compared, 'objectAsArray', this);
  },
});
