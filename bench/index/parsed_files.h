// bench/index/parsed_files.h: the files of a workspace that an index run parses.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

struct TSLanguage;

namespace engram {

void for_each_parsed(const std::filesystem::path& root,
                     const std::function<void(const std::string& path, const std::string& text,
                                              const TSLanguage* grammar)>& visit);

}  // namespace engram
