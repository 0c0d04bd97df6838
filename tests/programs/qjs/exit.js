// status: 23
import * as std from 'qjs:std';
std.out.puts('not flushed by hand');
std.exit(23);
