-- Patterns, formats, packing, UTF-8, numbers to text and back.
print(("%5d|%-5s|%05.1f|%x|%q|%s"):format(42, "ab", 3.14159, 255, 'a"b\n', {} ~= nil))
print(("hello world"):gsub("o", {o = "0"}), ("abc"):rep(3, "-"), ("x"):byte(), ("%bxy"):len())
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):find("%((%a+)%)"))
print(string.pack("<i4 s1 d", 7, "abc", 1.5):byte(1, -1))
print(string.unpack(">I2 z", "\1\2text\0rest"))
print(utf8.char(228, 8364, 128512), utf8.len("aä€"), #utf8.char(128512))
for p, c in utf8.codes("aä€") do io.write(p, ":", c, " ") end
print()
print(tonumber("0x1p4"), tonumber("10", 2), tonumber("zz", 36), tonumber("1e"), 1e15, 1e16, 2^63, -0.0)
print(string.format("%.14g %a", 0.1, 1.0), 255 // 1 | 0, "10" + 5, 10 .. "")
print(os.time({year = 2024, month = 2, day = 29, hour = 12}) - os.time({year = 2024, month = 2, day = 28, hour = 12}))
print(os.date("!%Y-%m-%d %H:%M:%S", 86400 * 365))
local t = {}
for i = 1, 20000 do t[i] = tostring(i) end
print(#table.concat(t), table.concat(t, ",", 1, 5))
