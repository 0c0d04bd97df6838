-- Closures, metatables, varargs, goto, integer and float arithmetic, to-be-closed variables.
local function counter()
  local n = 0
  return function(step) n = n + (step or 1) return n end
end
local c = counter()
c() c(10)
print(c())
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y + b.y}, Vector) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__tostring = function(v) return "(" .. v.x .. ", " .. v.y .. ")" end
Vector.__call = function(v, k) return v.x * k end
local v = setmetatable({x = 1, y = 2}, Vector) + setmetatable({x = 3, y = 4.5}, Vector)
print(v, v(10), v == setmetatable({x = 4, y = 6.5}, Vector))
print(select("#", nil, nil, 3), (select(2, "a", "b", "c")), table.unpack({1, 2, 3}, 2))
print(7 // 2, -7 // 2, 7 % -3, 7.5 // 2, 2^53, 1 << 62, ~0, 3 | 8, 10 / 2, math.maxinteger + 1 == math.mininteger)
print(1e308 * 10, -1e308 * 10, 0/0 ~= 0/0, math.type(1), math.type(1.0), math.tointeger(3.0), 0x7fffffffffffffff)
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    io.write(i, ",", j, " ")
    ::continue::
  end
end
print()
do
  local guard <close> = setmetatable({}, {__close = function(_, e) print("closed", e) end})
  print("inside")
end
local words = {}
for word in ("the quick brown fox"):gmatch("%a+") do words[#words + 1] = word end
table.sort(words, function(a, b) return #a > #b or (#a == #b and a < b) end)
print(table.concat(words, " "), #words)
print(pcall(table.sort, {3, 1, "x"}))
local weak = setmetatable({}, {__mode = "k"})
weak[{}] = 1
collectgarbage()
print(next(weak), collectgarbage("count") > 0)
print(load("return 1 + ...")(41), load("syntax error here"))
print(rawequal("a" .. "b", "ab"), rawlen({1, 2}), type(print), tostring(nil))
