-- status: 17
-- Files, pipes, environment, arguments; os.exit closes the state and gives the status.
local dir = arg[1]
local path = dir .. "/system-lua.txt"
local file = assert(io.open(path, "w"))
file:write("first\n", 2, " ", 3.5, "\nlast line")
print(file:seek("cur"), file:seek("set", 0), file:close())
for line in io.lines(path) do io.write("[", line, "]") end
print()
local f = io.open(path)
print(f:read("l"), f:read("n"), f:read("n"), f:read("a"))
f:close()
print(select(2, io.open(dir .. "/missing")) == dir .. "/missing: No such file or directory", io.type(f), tostring(f))
local pipe = io.popen("echo piped; exit 3")
print(pipe:read("a"), pipe:close())
print(os.execute("exit 9"))
print(os.getenv("HOME") ~= nil, os.getenv("SETLINK_NO_SUCH"), os.rename(path, path .. ".2"), os.remove(path .. ".2"))
print(os.setlocale("C"), type(os.clock()), package.config:sub(1, 1))
print(pcall(package.loadlib, dir .. "/missing.so", "*") == true, (select(3, package.loadlib(dir .. "/no.so", "*"))))
print(io.read("l"), io.read("n"), io.read("a"))
setmetatable({}, {__gc = function() print("collected at exit") end})
io.stderr:write("to stderr\n")
os.exit(17, true)
