#include "assist/navigation/import_statements.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace engram {

namespace {

constexpr std::size_t kMaxStatement = 8000;  // bytes; a longer one is not read

bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' ||
         u == '$' || u >= 0x80;
}

// Words, dotted or "::" paths stay apart by punctuation; comments and white space are skipped.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::string_view next() {
    skip();
    if (at_ >= text_.size()) return {};
    const std::size_t begin = at_;
    if (is_word(text_[at_])) {
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    } else if (text_.substr(at_, 2) == "::") {
      at_ += 2;
    } else if (text_[at_] == '"' || text_[at_] == '\'') {
      const std::size_t close = text_.find(text_[at_], at_ + 1);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
    } else {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  std::string_view peek() {
    const std::size_t at = at_;
    const std::string_view token = next();
    at_ = at;
    return token;
  }
  bool take(std::string_view token) {
    const std::size_t at = at_;
    if (next() == token) return true;
    at_ = at;
    return false;
  }
  std::size_t position() {
    skip();
    return at_;
  }

 private:
  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\') {
        ++at_;
      } else if (c == '#' || text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t close = text_.find("*/", at_);
        at_ = close == std::string_view::npos ? text_.size() : close + 2;
      } else {
        return;
      }
    }
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

// Where the last `word` before `at` begins, with none of `stops` after it; npos: nowhere near.
std::size_t keyword_before(std::string_view text, std::size_t at, std::string_view word,
                           std::string_view stops) {
  const std::size_t floor = at > kMaxStatement ? at - kMaxStatement : 0;
  for (std::size_t found = text.rfind(word, at); found != std::string_view::npos && found >= floor;
       found = found == 0 ? std::string_view::npos : text.rfind(word, found - 1)) {
    const std::size_t end = found + word.size();
    const bool whole =
        (found == 0 || !is_word(text[found - 1])) && (end >= text.size() || !is_word(text[end]));
    if (!whole) continue;
    const std::string_view between = text.substr(end, at - std::min(end, at));
    return between.find_first_of(stops) == std::string_view::npos ? found : std::string_view::npos;
  }
  return std::string_view::npos;
}

class ImportReader {
 public:
  ImportReader(std::string_view text, const FileNames& names) : text_(text), names_(names) {}

  std::vector<ImportedName> run() {
    const std::string_view language = names_.language;
    const std::string_view family = language_family(language);
    for (const FileName& use : names_.names) {
      if (use.kind != ReferenceKind::kImport || use.defines || use.begin < done_) continue;
      if (family == "c") {
        add("", use.name, "", use.begin, use.end);
      } else if (language == "python") {
        python(use);
      } else if (family == "javascript") {
        ecmascript(use);
      } else if (language == "go") {
        go(use);
      } else if (language == "rust") {
        rust(use);
      } else if (language == "java" || language == "kotlin" || language == "scala") {
        java(use);
      }
    }
    return std::move(out_);
  }

 private:
  void add(std::string_view local, std::string_view module, std::string_view name,
           std::size_t begin, std::size_t end) {
    out_.push_back({std::string(local), std::string(module), std::string(name),
                    static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  static std::string dotted(Tokens& tokens) {
    std::string path;
    while (true) {
      const std::string_view token = tokens.peek();
      const bool more = token == "." || (!token.empty() && is_word(token[0]) &&
                                         (path.empty() || path.back() == '.'));
      if (!more || token == "import") return path;
      path += tokens.next();
    }
  }

  void python(const FileName& use) {
    const std::size_t start = line_start(text_, use.begin);
    // A statement may stand inside a block, behind white space, never behind other code.
    Tokens tokens(text_.substr(start, kMaxStatement));
    if (tokens.take("from")) {
      const std::size_t begin = start + tokens.position();
      const std::string module = dotted(tokens);
      const std::size_t end = begin + module.size();
      if (!tokens.take("import")) return;
      const bool wrapped = tokens.take("(");
      do {
        const std::string_view name = tokens.next();
        if (name.empty() || name == ")") break;
        const std::string_view local = tokens.take("as") ? tokens.next() : name;
        add(name == "*" ? "" : local, module, name, begin, end);
      } while (tokens.take(",") && (wrapped || tokens.peek() != ""));
      done_ = start + tokens.position();
    } else if (tokens.take("import")) {
      do {
        const std::size_t begin = start + tokens.position();
        const std::string module = dotted(tokens);
        if (module.empty()) break;
        const std::string_view local = tokens.take("as")
                                           ? tokens.next()
                                           : std::string_view(module).substr(module.rfind('.') + 1);
        add(local, module, "", begin, begin + module.size());
      } while (tokens.take(","));
      done_ = start + tokens.position();
    }
  }

  // Names in braces, `a as b` or `a: b`, up to the closing one.
  void braces(Tokens& tokens, std::string_view module, const FileName& use) {
    while (true) {
      std::string_view name = tokens.next();
      if (name == "type" && tokens.peek() != "," && tokens.peek() != "}" && tokens.peek() != "as") {
        name = tokens.next();
      }
      if (name.empty() || name == "}") return;
      if (name == ",") continue;
      std::string_view local = name;
      if (tokens.take("as") || tokens.take(":")) local = tokens.next();
      add(local, module, name, use.begin, use.end);
    }
  }

  void ecmascript(const FileName& use) {
    const char quote = text_[use.begin];
    if (quote != '"' && quote != '\'') return;
    std::size_t start = keyword_before(text_, use.begin, "import", ";\"'");
    const std::size_t exported = keyword_before(text_, use.begin, "export", ";\"'");
    if (start == std::string_view::npos ||
        (exported != std::string_view::npos && exported > start)) {
      start = exported;
    }
    if (start == std::string_view::npos) return require(use);
    Tokens tokens(text_.substr(start, use.begin - start));
    tokens.next();
    if (tokens.peek() == "type") tokens.next();
    bool any = false;
    for (std::string_view token = tokens.next(); !token.empty() && token != "from";
         token = tokens.next()) {
      any = true;
      if (token == "{") {
        braces(tokens, use.name, use);
      } else if (token == "*") {
        const bool named = tokens.take("as");
        add(named ? tokens.next() : std::string_view(), use.name, named ? "" : "*", use.begin,
            use.end);
      } else if (is_word(token[0])) {
        add(token, use.name, "default", use.begin, use.end);
      }
    }
    if (!any) add("", use.name, "", use.begin, use.end);
  }

  // const x = require("m"), const {a, b: c} = require("m")
  void require(const FileName& use) {
    const std::size_t start = line_start(text_, use.begin);
    Tokens tokens(text_.substr(start, use.begin - start));
    const std::string_view keyword = tokens.next();
    if (keyword != "const" && keyword != "let" && keyword != "var") {
      return add("", use.name, "", use.begin, use.end);
    }
    if (tokens.take("{")) return braces(tokens, use.name, use);
    add(tokens.next(), use.name, "", use.begin, use.end);
  }

  void go(const FileName& use) {
    const std::size_t start = line_start(text_, use.begin);
    Tokens tokens(text_.substr(start, use.begin - start));
    if (tokens.peek() == "import") tokens.next();
    tokens.take("(");
    const std::string_view alias = tokens.next();
    std::string_view path = use.name;
    std::string_view local = path.substr(path.rfind('/') + 1);
    if (local.size() > 1 && local[0] == 'v' && local[1] >= '0' && local[1] <= '9' &&
        path.rfind('/') != std::string_view::npos) {  // .../pkg/v2
      path = path.substr(0, path.rfind('/'));
      local = path.substr(path.rfind('/') + 1);
    }
    if (alias == ".") return add("", use.name, "*", use.begin, use.end);
    add(alias.empty() ? local : alias, use.name, "", use.begin, use.end);
  }

  void java(const FileName& use) {
    const std::size_t start = keyword_before(text_, use.begin, "import", ";\n");
    if (start == std::string_view::npos) return;
    Tokens tokens(text_.substr(start, kMaxStatement));
    tokens.next();
    tokens.take("static");
    const std::size_t begin = start + tokens.position();
    const std::string path = dotted(tokens);
    done_ = start + tokens.position();
    if (path.ends_with('.')) {  // a.b.*
      add("", path.substr(0, path.size() - 1), "*", begin, begin + path.size() - 1);
      return;
    }
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos) return;
    const std::string_view name = std::string_view(path).substr(dot + 1);
    add(tokens.take("as") ? tokens.next() : name, path.substr(0, dot), name, begin,
        begin + path.size());
  }

  void rust(const FileName& use) {
    const std::size_t start = keyword_before(text_, use.begin, "use", ";");
    if (start == std::string_view::npos) return;
    Tokens tokens(text_.substr(start, kMaxStatement));
    tokens.next();
    const std::size_t begin = start + tokens.position();
    rust_tree(tokens, "", begin, 0);
    done_ = start + tokens.position();
  }

  // a::b::{c, d as e, f::*}
  void rust_tree(Tokens& tokens, std::string prefix, std::size_t begin, int depth) {
    std::string last;
    while (depth < 32) {
      const std::string_view token = tokens.peek();
      const std::size_t end = begin + prefix.size() + last.size();
      if (token == "{") {
        tokens.next();
        do {
          if (tokens.peek() == "}" || tokens.peek().empty()) break;
          rust_tree(tokens, prefix, begin, depth + 1);
        } while (tokens.take(","));
        tokens.take("}");
        return;
      }
      if (token == "*") {
        tokens.next();
        return add("", prefix, "*", begin, end);
      }
      if (token == "::") {
        tokens.next();
        if (!last.empty()) prefix += (prefix.empty() ? "" : "::") + last;
        last.clear();
      } else if (!token.empty() && is_word(token[0]) && token != "as" && last.empty()) {
        last = tokens.next();
      } else {
        break;
      }
    }
    if (last.empty()) return;
    const std::string local(tokens.take("as") ? tokens.next() : std::string_view(last));
    if (last == "self") {  // use a::b::{self}
      const std::size_t colon = prefix.rfind("::");
      const std::string name = colon == std::string::npos ? prefix : prefix.substr(colon + 2);
      const std::string above = colon == std::string::npos ? "" : prefix.substr(0, colon);
      return add(local == "self" ? name : local, above, name, begin, begin + prefix.size());
    }
    add(local, prefix, last, begin, begin + prefix.size());
  }

  std::string_view text_;
  const FileNames& names_;
  std::size_t done_ = 0;  // statements up to here are read
  std::vector<ImportedName> out_;
};

}  // namespace

std::vector<ImportedName> read_imports(std::string_view text, const FileNames& names) {
  return ImportReader(text, names).run();
}

std::string_view language_family(std::string_view language) {
  if (language == "cpp" || language == "cuda") return "c";
  if (language == "typescript" || language == "tsx") return "javascript";
  return language;
}

}  // namespace engram
