# Third-party libraries. Debian's come from the system; what Debian 12 lacks (Catch2 v3, the
# tree-sitter runtime and grammars) lies in ENGRAM_DEPS, put there by tools/setup.sh, hash-checked.
# Nothing is downloaded while configuring.

if(DEFINED ENV{ENGRAM_DEPS})
  set(_deps "$ENV{ENGRAM_DEPS}")
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_deps "$ENV{XDG_CACHE_HOME}/engram/deps")
else()
  set(_deps "$ENV{HOME}/.cache/engram/deps")
endif()
set(ENGRAM_DEPS "${_deps}" CACHE PATH "Where tools/setup.sh put private dependencies")

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(mimalloc REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
