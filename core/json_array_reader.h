// core/json_array_reader.h: a JSON document that is one long array, element by element.
//
// For files of hundreds of megabytes (compile databases): feed() takes the text in portions and
// each element is handed over as soon as it is complete, so memory is bounded by the largest
// element. Hostile input: depth and element size are bounded; bytes that are no UTF-8 pass through
// in strings, since names of files are bytes.
//
// Threads: confined to one thread.  Errors: kInvalidArgument with the byte offset of the fault;
// after an error the reader is spent.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace engram {

class JsonArrayReader {
 public:
  struct Limits {
    std::size_t max_depth = 16;
    std::size_t max_element_bytes = std::size_t{16} << 20;  // of strings and keys, roughly
  };
  explicit JsonArrayReader(std::function<void(const json::value&)> on_element)
      : JsonArrayReader(std::move(on_element), Limits()) {}
  JsonArrayReader(std::function<void(const json::value&)> on_element, Limits limits);
  ~JsonArrayReader();
  JsonArrayReader(const JsonArrayReader&) = delete;
  JsonArrayReader& operator=(const JsonArrayReader&) = delete;

  Result<void> feed(std::string_view portion);
  Result<void> finish();  // the text must be complete

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace engram
