# The tree-sitter runtime and the grammars, compiled from the C sources that tools/setup.sh put in
# ENGRAM_DEPS (npm packages, pinned by lock file). Top-level packages only: some carry older copies
# of each other below their own node_modules, so nothing here globs.
#
# The tables of a generated parser gain nothing from -O2 (measured: same parse speed) but cost build
# time; the runtime and the scanners are where the time goes.

set(_ts "${ENGRAM_DEPS}/tree-sitter/node_modules")
set(_ts_core "${_ts}/tree-sitter/vendor/tree-sitter/lib")
if(NOT EXISTS "${_ts_core}/src/lib.c")
  message(FATAL_ERROR "tree-sitter is missing in ${_ts}: run tools/setup.sh, or point ENGRAM_DEPS at its result")
endif()

add_library(tree-sitter STATIC "${CMAKE_SOURCE_DIR}/indexer/syntax/tree_sitter_runtime.c")
target_include_directories(tree-sitter SYSTEM
  PUBLIC "${_ts_core}/include"
  PRIVATE "${_ts_core}/src")
# The layout of the tree (tree.h, subtree.h): private to the pinned version, read by tree_walk.h.
add_library(tree-sitter-internals INTERFACE)
target_include_directories(tree-sitter-internals SYSTEM INTERFACE "${_ts_core}/src")
target_compile_definitions(tree-sitter PRIVATE _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE)
# Not ours to make clean under UBSan; ASan stays on.
target_compile_options(tree-sitter PRIVATE -w -O3 -fno-sanitize=undefined)

add_library(tree-sitter-grammars STATIC)
target_link_libraries(tree-sitter-grammars PUBLIC tree-sitter)
# engram_grammar(<target> <package directory>): src/parser.c and, if present, src/scanner.c.
function(engram_grammar name directory)
  set(source "${_ts}/${directory}/src")
  if(NOT EXISTS "${source}/parser.c")
    message(FATAL_ERROR "the ${name} grammar is missing (${source}): run tools/setup.sh again")
  endif()
  add_library(grammar-${name} OBJECT "${source}/parser.c")
  # Tables and a state machine of 20 MB: instrumenting them costs minutes and finds nothing.
  set_source_files_properties("${source}/parser.c" PROPERTIES
    COMPILE_OPTIONS "-O1;-fno-sanitize=all")
  if(EXISTS "${source}/scanner.c")
    target_sources(grammar-${name} PRIVATE "${source}/scanner.c")
    set_source_files_properties("${source}/scanner.c" PROPERTIES COMPILE_OPTIONS -O2)
  endif()
  target_include_directories(grammar-${name} SYSTEM PRIVATE "${source}")
  target_compile_options(grammar-${name} PRIVATE -w -fno-sanitize=undefined)
  # Their assertions fail on hostile text that they then survive.
  target_compile_definitions(grammar-${name} PRIVATE NDEBUG)
  target_sources(tree-sitter-grammars PRIVATE $<TARGET_OBJECTS:grammar-${name}>)
endfunction()

engram_grammar(bash tree-sitter-bash)
engram_grammar(c tree-sitter-c)
engram_grammar(c-sharp tree-sitter-c-sharp)
engram_grammar(cpp tree-sitter-cpp)
engram_grammar(css tree-sitter-css)
engram_grammar(cuda tree-sitter-cuda)
engram_grammar(go tree-sitter-go)
engram_grammar(html tree-sitter-html)
engram_grammar(java tree-sitter-java)
engram_grammar(javascript tree-sitter-javascript)
engram_grammar(json tree-sitter-json)
engram_grammar(kotlin @tree-sitter-grammars/tree-sitter-kotlin)
engram_grammar(lua @tree-sitter-grammars/tree-sitter-lua)
engram_grammar(markdown @tree-sitter-grammars/tree-sitter-markdown/tree-sitter-markdown)
engram_grammar(php tree-sitter-php/php)
engram_grammar(python tree-sitter-python)
engram_grammar(ruby tree-sitter-ruby)
engram_grammar(rust tree-sitter-rust)
engram_grammar(scala tree-sitter-scala)
engram_grammar(swift tree-sitter-swift)
set_source_files_properties("${_ts}/tree-sitter-swift/src/scanner.c" PROPERTIES
  COMPILE_OPTIONS "-O2;-include;${CMAKE_SOURCE_DIR}/indexer/syntax/swift_scanner_state.h")
engram_grammar(toml @tree-sitter-grammars/tree-sitter-toml)
engram_grammar(tsx tree-sitter-typescript/tsx)
engram_grammar(typescript tree-sitter-typescript/typescript)
engram_grammar(yaml @tree-sitter-grammars/tree-sitter-yaml)
