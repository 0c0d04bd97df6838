/* A Lua interpreter: lua_main -e CODE | FILE | - (standard input), then arguments, which the script sees as `arg`
   and `...`. An uncaught error prints its traceback and gives status 1. */
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static int traceback(lua_State *L) {
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message ? message : "(error object is no string)", 1);
    return 1;
}

struct request {
    int argc;
    char **argv;
    int status;
};

/* Runs protected, so that every error inside arrives in main as a return value, by longjmp. */
static int work(lua_State *L) {
    struct request *request = lua_touserdata(L, 1);
    int argc = request->argc, first = 2, loaded;
    char **argv = request->argv;
    luaL_openlibs(L);
    lua_pushcfunction(L, traceback);
    int handler = lua_gettop(L);
    if (strcmp(argv[1], "-e") == 0 && argc > 2) {
        loaded = luaL_loadbuffer(L, argv[2], strlen(argv[2]), "=(command line)");
        first = 3;
    } else if (strcmp(argv[1], "-") == 0) {
        loaded = luaL_loadfile(L, NULL);
    } else {
        loaded = luaL_loadfile(L, argv[1]);
    }
    lua_createtable(L, argc - first, 0);
    for (int i = first; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - first + 1);
    }
    lua_setglobal(L, "arg");
    if (loaded == LUA_OK) {
        for (int i = first; i < argc; i++) lua_pushstring(L, argv[i]);
        loaded = lua_pcall(L, argc - first, 0, handler);
    }
    if (loaded != LUA_OK) {
        fflush(stdout);
        fprintf(stderr, "lua_main: %s\n", lua_tostring(L, -1));
        request->status = 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: lua_main -e CODE | FILE | - [ARG...]\n", stderr);
        return 2;
    }
    lua_State *L = luaL_newstate();
    if (!L) return 2;
    struct request request = {argc, argv, 0};
    lua_pushcfunction(L, work);
    lua_pushlightuserdata(L, &request);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        fprintf(stderr, "lua_main: %s\n", lua_tostring(L, -1));
        request.status = 1;
    }
    lua_close(L);
    return request.status;
}
