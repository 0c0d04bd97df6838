-- status: 1
-- Errors are longjmps: through C functions, nested protected calls, handlers, deep recursion, memory limits.
print(pcall(error, {1}) == false, select(2, pcall(error, "plain", 0)))
print(pcall(function() local x = nil; return x.field end))
print(pcall(string.rep, "x", -1), pcall(string.rep))
print(xpcall(function() error("inner") end, function(m) return "handled: " .. m:gsub("^.-:%d+: ", "") end))
print(pcall(pcall))
print(select(2, pcall(string.gsub, "aaa", "a", function() error("from gsub", 0) end)))
local function deep(n) return 1 + deep(n + 1) end
local ok, message = pcall(deep, 1)
print(ok, message:match("stack overflow"))
local depth = 0
local function nest(n)
  if n == 0 then error("deep", 0) end
  local ok, e = pcall(nest, n - 1)
  depth = depth + 1
  error(e, 0)
end
print(pcall(nest, 100), depth)
print(pcall(string.format, "%d", 1.5))
print(pcall(require, "no.such.module") == false, (select(2, pcall(require, "no.such.module")):match("module '.-' not found")))
print(tostring(setmetatable({}, {__name = "My.Type"})):match("^My.Type"))
local strict = setmetatable({}, {__index = function(_, k) error("no field " .. k) end})
print(strict.missing)
