-- Coroutines, also across pcall, metamethods and iterators.
local function numbers(n)
  return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
end
local sum = 0
for i in numbers(1000) do sum = sum + i end
print(sum)
local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c = coroutine.yield(a + b)
  print("got", c)
  local ok, e = pcall(function()
    local d = coroutine.yield("inside pcall")
    error({code = d})
  end)
  print(ok, e.code)
  error("the end")
end)
print(coroutine.resume(co, 1, 2))
print(coroutine.resume(co, "x"))
print(coroutine.resume(co, 99))
print(coroutine.status(co), coroutine.resume(co))
local function tree(t) if t then tree(t[1]) coroutine.yield(t[2]) tree(t[3]) end end
local out = {}
for v in coroutine.wrap(function() tree({{nil, 1}, 2, {{nil, 3}, 4}}) end) do out[#out + 1] = v end
print(table.concat(out, " "))
local closer = coroutine.create(function()
  local x <close> = setmetatable({}, {__close = function() print("closing") end})
  coroutine.yield()
end)
coroutine.resume(closer)
print(coroutine.close(closer), coroutine.status(closer), coroutine.isyieldable())
