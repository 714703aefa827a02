#include "indexer/scan/licence.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>
#include <system_error>

#include "indexer/scan/ascii.h"

namespace engram {

namespace {

using std::string_view;

constexpr std::size_t kHeadBytes = 16384;
constexpr std::size_t kMaxLicenceBytes = 64u << 10;

// Lower case, with comment marks, punctuation of layout and white space folded to one space, so
// that a sentence is found whatever comment it is wrapped in.
std::string fold(string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = true;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool blank = u <= ' ' || c == '*' || c == '/' || c == '#' || c == ';' || c == '%' ||
                       c == '"' || c == '\'' || c == '!' || c == '|';
    if (!blank) {
      out += ascii_lower(c);
    } else if (!space) {
      out += ' ';
    }
    space = blank;
  }
  return out;
}

std::string spdx_line(string_view head) {
  constexpr string_view kTag = "SPDX-License-Identifier:";
  const std::size_t at = head.find(kTag);
  if (at == string_view::npos) return {};
  string_view rest = head.substr(at + kTag.size());
  rest = rest.substr(0, std::min(rest.find_first_of("\r\n"), rest.size()));
  for (const string_view end : {"*/", "-->", "\"", "'", "#}", "%>"}) {
    rest = rest.substr(0, std::min(rest.find(end), rest.size()));
  }
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\t')) rest.remove_suffix(1);
  const bool sane = !rest.empty() && rest.size() <= 120 && std::ranges::all_of(rest, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '+' ||
           c == ' ' || c == '(' || c == ')' || c == ':';
  });
  return sane ? std::string(rest) : std::string();
}

bool has(string_view text, string_view sentence) {
  return text.find(sentence) != string_view::npos;
}

std::string gnu_version(string_view text, string_view family) {
  const bool later = has(text, "any later version");
  string_view version;
  for (const string_view v : {"3", "2.1", "2"}) {
    const std::string number(v);
    if (has(text, "version " + number + " of the") || has(text, "version " + number + ", ") ||
        has(text, "version " + number + " as published") ||
        has(text, "version " + number + " or")) {
      version = v;
      break;
    }
  }
  if (version.empty()) return {};
  std::string out(family);
  out += '-';
  out += version;
  if (version.size() == 1) out += ".0";
  return out + (later ? "-or-later" : "-only");
}

std::string gnu_licence(string_view text) {
  if (has(text, "gnu affero general public license")) return gnu_version(text, "AGPL");
  if (has(text, "gnu lesser general public license") ||
      has(text, "gnu library general public license")) {
    return gnu_version(text, "LGPL");
  }
  if (has(text, "gnu general public license")) {
    std::string id = gnu_version(text, "GPL");
    if (!id.empty() && has(text, "gcc runtime library exception")) {
      id += " WITH GCC-exception-3.1";
    }
    return id;
  }
  return {};
}

std::string known_sentence(string_view text) {
  if (has(text, "permission is hereby granted, free of charge, to any person obtaining a copy")) {
    if (has(text, "or organization obtaining a copy")) return "BSL-1.0";
    return "MIT";
  }
  if (has(text, "boost software license")) return "BSL-1.0";
  if (has(text, "apache license v2.0 with llvm exceptions"))
    return "Apache-2.0 WITH LLVM-exception";
  if (has(text, "licensed under the apache license, version 2.0") ||
      has(text, "apache license version 2.0, january 2004")) {
    return has(text, "llvm exceptions to the apache 2.0 license") ? "Apache-2.0 WITH LLVM-exception"
                                                                  : "Apache-2.0";
  }
  if (has(text, "mozilla public license, v. 2.0") ||
      has(text, "mozilla public license version 2.0")) {
    return "MPL-2.0";
  }
  if (std::string gnu = gnu_licence(text); !gnu.empty()) return gnu;
  if (has(text, "redistribution and use in source and binary forms")) {
    return has(text, "neither the name") || has(text, "names of its contributors may") ||
                   has(text, "may not be used to endorse")
               ? "BSD-3-Clause"
               : "BSD-2-Clause";
  }
  if (has(text,
          "permission to use, copy, modify, and or distribute this software for any purpose")) {
    return has(text, "provided that the above copyright notice") ? "ISC" : "0BSD";
  }
  if (has(text, "this software is provided as-is , without any express or implied warranty") ||
      has(text, "altered source versions must be plainly marked as such")) {
    return "Zlib";
  }
  if (has(text, "this is free and unencumbered software released into the public domain")) {
    return "Unlicense";
  }
  if (has(text, "eclipse public license - v 2.0") || has(text, "eclipse public license v2.0") ||
      has(text, "eclipse public license 2.0")) {
    return "EPL-2.0";
  }
  if (has(text, "cc0 1.0 universal")) return "CC0-1.0";
  return {};
}

// The licence ids an expression names, "-only" and "-or-later" dropped: a LICENSE file with the
// bare text of the GPL does not say which of the two is meant.
std::set<std::string> ids_of(string_view expression) {
  std::set<std::string> ids;
  std::string word;
  bool exception = false;
  const auto flush = [&] {
    if (word == "WITH") {
      exception = true;
    } else if (!word.empty() && word != "AND" && word != "OR") {
      for (const string_view end : {"-only", "-or-later", "+"}) {
        if (word.ends_with(end)) word.resize(word.size() - end.size());
      }
      if (!exception) ids.insert(word);
      exception = false;
    }
    word.clear();
  };
  for (const char c : expression) {
    if (c == ' ' || c == '(' || c == ')') {
      flush();
    } else {
      word += c;
    }
  }
  flush();
  return ids;
}

string_view directory_of(string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == string_view::npos ? string_view() : path.substr(0, slash);
}

}  // namespace

std::string licence_of_text(string_view text) {
  const string_view head = text.substr(0, kHeadBytes);
  if (std::string line = spdx_line(head); !line.empty()) return line;
  // Nothing of the kind: most files, decided without folding them.
  bool hint = false;
  for (const string_view word : {"icense", "ICENSE", "ermission", "edistribution", "ublic domain",
                                 "LICENCE", "icence", "ltered source"}) {
    hint = hint || has(head, word);
  }
  return hint ? known_sentence(fold(head)) : std::string();
}

bool is_licence_file(string_view path) {
  const std::string name = ascii_lower(path.substr(path.rfind('/') + 1));
  for (const string_view stem : {"license", "licence", "copying", "unlicense"}) {
    if (!name.starts_with(stem)) continue;
    const string_view rest = string_view(name).substr(stem.size());
    if (rest.empty() || rest == ".txt" || rest == ".md" || rest == ".rst" || rest == ".lib" ||
        rest == ".lesser" || rest.front() == '-' || rest.front() == '_') {
      return true;
    }
  }
  return name == "mit-license" || name == "mit-license.txt";
}

void LicenceMap::add(string_view path, string_view text) {
  const std::string licence = licence_of_text(text);
  if (licence.empty()) return;
  std::string& here = by_directory_[std::string(directory_of(path))];
  if (here.empty()) {
    here = licence;
  } else if (!has(here, licence)) {
    here += " OR " + licence;
  }
}

string_view LicenceMap::licence_at(string_view path) const {
  for (string_view at = directory_of(path);; at = directory_of(at)) {
    if (const auto found = by_directory_.find(at); found != by_directory_.end()) {
      return found->second;
    }
    if (at.empty()) return {};
  }
}

bool LicenceMap::is_other(string_view path, string_view licence) const {
  const auto root = by_directory_.find(string_view());
  if (root == by_directory_.end()) return false;
  const auto ours = ids_of(root->second);
  const auto theirs = ids_of(licence.empty() ? licence_at(path) : licence);
  // Any one of the terms a file offers being ours is enough.
  return !theirs.empty() &&
         std::ranges::none_of(theirs, [&](const std::string& id) { return ours.contains(id); });
}

LicenceMap read_licences(const WorkspaceRoot& root, const std::vector<FileEntry>& files) {
  LicenceMap map;
  for (const FileEntry& entry : files) {
    if (!is_licence_file(entry.path)) continue;
    if (const auto read = root.read(entry.path, kMaxLicenceBytes)) map.add(entry.path, read->text);
  }
  return map;
}

void add_licences_above(const WorkspaceRoot& root, std::string_view path, LicenceMap& map) {
  string_view at = path;
  do {
    at = directory_of(at);
    if (map.has_directory(at)) continue;
    const std::string prefix = at.empty() ? "" : std::string(at) + "/";
    std::error_code ec;
    for (std::filesystem::directory_iterator entry(root.path() / at, ec), end; entry != end;
         entry.increment(ec)) {
      if (ec) break;
      const std::string name = entry->path().filename().string();
      if (!is_licence_file(name)) continue;
      if (const auto read = root.read(prefix + name, kMaxLicenceBytes)) {
        map.add(prefix + name, read->text);
      }
    }
  } while (!at.empty());
}

}  // namespace engram
