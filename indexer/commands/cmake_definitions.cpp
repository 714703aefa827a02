#include "indexer/commands/cmake_definitions.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

namespace engram {

namespace {

constexpr std::size_t kMaxDefinitions = 200, kMaxValue = 100, kMaxDepth = 200;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

struct CmakeCommand {
  std::string name;  // in lower case
  std::vector<CmakeWord> words;
};

class CmakeReader {
 public:
  explicit CmakeReader(std::string_view text) : rest_(text) {}

  // The next command; nullopt at the end, or where the text is no CMake.
  std::optional<CmakeCommand> next() {
    skip_blanks();
    CmakeCommand command;
    while (!rest_.empty() && is_name_character(rest_.front())) {
      command.name += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_.front())));
      rest_.remove_prefix(1);
    }
    skip_blanks();
    if (command.name.empty() || !take('(')) return std::nullopt;
    for (std::size_t depth = 1;;) {
      skip_blanks();
      if (rest_.empty()) return std::nullopt;
      if (take('(')) {
        ++depth;
        command.words.push_back({"(", false});
      } else if (take(')')) {
        if (--depth == 0) return command;
        command.words.push_back({")", false});
      } else if (!read_word(command.words)) {
        return std::nullopt;
      }
    }
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (true) {
      const std::size_t blanks = rest_.find_first_not_of(" \t\r\n;");
      rest_.remove_prefix(std::min(blanks, rest_.size()));
      if (!take('#')) return;
      if (!rest_.starts_with('[') || !read_bracket(nullptr)) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      }
    }
  }

  // "[==[ ... ]==]"
  bool read_bracket(std::string* text) {
    const std::size_t equals = rest_.find_first_not_of('=', 1);
    if (equals == std::string_view::npos || rest_[equals] != '[') return false;
    const std::string close = "]" + std::string(equals - 1, '=') + "]";
    const std::size_t end = rest_.find(close, equals + 1);
    if (end == std::string_view::npos) return false;
    if (text != nullptr) *text = rest_.substr(equals + 1, end - equals - 1);
    rest_.remove_prefix(end + close.size());
    return true;
  }

  bool read_word(std::vector<CmakeWord>& words) {
    CmakeWord word;
    if (rest_.starts_with('[') && read_bracket(&word.text)) {
      words.push_back({std::move(word.text), true});
      return true;
    }
    word.quoted = take('"');
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (word.quoted ? c == '"'
                      : std::string_view(" \t\r\n;()#").find(c) != std::string_view::npos)
        break;
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        word.text += rest_.front();
        rest_.remove_prefix(1);
      } else {
        word.text += c;
      }
    }
    if (word.quoted && !take('"')) return false;
    words.push_back(std::move(word));
    return true;
  }

  std::string_view rest_;
};

// The if()s, loops and functions around a command.
class Surroundings {
 public:
  // False for what no CMake has, "endif" without "if" say.
  bool follow(const CmakeCommand& command) {
    const std::string& name = command.name;
    if (name == "if") {
      const CmakeTruth value = cmake_condition(command.words);
      levels_.push_back({value, value});
    } else if (name == "elseif" || name == "else") {
      if (levels_.empty()) return false;
      Level& level = levels_.back();
      const CmakeTruth own = name == "else" ? CmakeTruth::kTrue : cmake_condition(command.words);
      level.now = std::min(own, level.earlier == CmakeTruth::kTrue    ? CmakeTruth::kFalse
                                : level.earlier == CmakeTruth::kMaybe ? CmakeTruth::kMaybe
                                                                      : CmakeTruth::kTrue);
      level.earlier = std::max(level.earlier, own);
    } else if (name == "foreach" || name == "while" || name == "function" || name == "macro") {
      levels_.push_back({CmakeTruth::kMaybe, CmakeTruth::kMaybe});
    } else if (name == "endif" || name == "endforeach" || name == "endwhile" ||
               name == "endfunction" || name == "endmacro") {
      if (levels_.empty()) return false;
      levels_.pop_back();
    }
    return levels_.size() <= kMaxDepth;
  }
  bool hold() const {
    return std::all_of(levels_.begin(), levels_.end(),
                       [](const Level& level) { return level.now == CmakeTruth::kTrue; });
  }

 private:
  struct Level {
    CmakeTruth now, earlier;
  };
  std::vector<Level> levels_;
};

// The definitions a command makes, "-D" taken off.
std::vector<std::string> made_by(const CmakeCommand& command) {
  std::vector<std::string> out;
  const auto& words = command.words;
  if (command.name == "add_definitions" || command.name == "add_compile_definitions") {
    for (const CmakeWord& word : words) {
      const bool option = word.text.starts_with("-D");
      if (option || command.name == "add_compile_definitions") {
        out.push_back(word.text.substr(option ? 2 : 0));
      }
    }
  } else if (command.name == "set" && words.size() == 2 &&
             (words[0].text == "CMAKE_CXX_FLAGS" || words[0].text == "CMAKE_C_FLAGS")) {
    std::string_view flags = words[1].text;
    while (!flags.empty()) {
      const std::string_view flag = flags.substr(0, flags.find(' '));
      if (flag.starts_with("-D")) out.emplace_back(flag.substr(2));
      flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
    }
  }
  return out;
}

}  // namespace

bool is_plain_definition(std::string_view definition) {
  const std::size_t equals = std::min(definition.find('='), definition.size());
  const std::string_view name = definition.substr(0, equals);
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 ||
      !std::all_of(name.begin(), name.end(), is_name_character)) {
    return false;
  }
  std::string_view value = definition.substr(std::min(equals + 1, definition.size()));
  std::string_view more = ".-+";
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    value = value.substr(1, value.size() - 2);
    more = " .,:/-+";
  }
  return value.size() <= kMaxValue && std::all_of(value.begin(), value.end(), [&](char c) {
           return is_name_character(c) || more.find(c) != std::string_view::npos;
         });
}

std::vector<std::string> cmake_definitions(std::string_view text) {
  std::vector<std::string> out;
  std::map<std::string, std::string, std::less<>> values;  // "": defined in two ways
  CmakeReader reader(text);
  Surroundings around;
  while (auto command = reader.next()) {
    if (!around.follow(*command)) break;
    if (!around.hold()) continue;
    for (std::string& made : made_by(*command)) {
      if (!is_plain_definition(made) || out.size() >= kMaxDefinitions) continue;
      const auto [it, added] = values.try_emplace(made.substr(0, made.find('=')), made);
      if (added) {
        out.push_back(std::move(made));
      } else if (it->second != made) {
        it->second.clear();
      }
    }
  }
  std::erase_if(out,
                [&](const std::string& d) { return values[d.substr(0, d.find('='))].empty(); });
  return out;
}

}  // namespace engram
