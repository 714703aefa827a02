// What a unit alone would have read.
#include <clang/Lex/Lexer.h>
#include <llvm/ADT/DenseSet.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/hash.h"
#include "indexer/clang/prefix_replay.h"

namespace engram {

void PrefixReplay::begin_unit() {
  for (std::uint32_t i = 0; i < names_.size(); ++i) {
    names_[i].alone = names_[i].before;
    if (names_[i].before != kNone && names_[i].after == kNone) hidden_.push_back(i);
  }
}

void PrefixReplay::set(std::uint32_t name, Value value) {
  replaced_.emplace_back(name, names_[name].alone);
  names_[name].alone = value;
}

bool PrefixReplay::fits(const Reading& reading, std::uint32_t file) {
  if (!reading.sound) return false;
  const std::size_t differences = differences_;
  for (const Step& step : reading.steps) {
    switch (step.kind) {
      case Kind::kTest:
        if ((names_[step.what].alone == kNone) != (step.value == kNone)) return false;
        doubt(files_[file].entry, step.what);
        break;
      case Kind::kMention:
        if (names_[step.what].alone != step.value) return false;
        doubt(files_[file].entry, step.what);
        break;
      case Kind::kChange:
        set(step.what, step.value);
        break;
      case Kind::kInclude:
        include(step.what);
        if (differences_ > differences) return false;
    }
  }
  return true;
}

// As fits(), where it does not: what it hangs on is noted.
void PrefixReplay::assume(const Reading& reading, std::uint32_t file) {
  for (const Step& step : reading.steps) {
    if (step.kind == Kind::kInclude) {
      include(step.what);
    } else if (step.kind == Kind::kChange) {
      set(step.what, step.value);
    } else if (const Value alone = names_[step.what].alone;
               step.kind == Kind::kTest ? (alone == kNone) != (step.value == kNone)
                                        : alone != step.value) {
      differ(files_[file].entry, step.offset, step.what);
      // #ifndef GUARD #include: it would be read here.
      const std::uint32_t guarded = names_[step.what].guarded;
      if (alone == kNone && guarded != UINT32_MAX && !files_[guarded].is_read) include(guarded);
      set(step.what, step.value);  // once for each cause
    } else {
      doubt(files_[file].entry, step.what);
    }
  }
}

void PrefixReplay::differ(clang::FileEntryRef file, std::uint32_t offset, std::uint32_t name) {
  std::string text = file.getName().str() + '\0' + std::to_string(offset) + '\0';
  text += place_text(names_[name].alone);
  ++differences_;
  const std::uint64_t cause = xxh3(text);
  doubts_.emplace_back(&file.getFileEntry(), cause);
  if (std::exchange(names_[name].doubtful, true)) return;
  names_[name].cause = cause;
  doubted_.push_back(name);
}

void PrefixReplay::doubt(clang::FileEntryRef file, std::uint32_t name) {
  if (names_[name].doubtful) doubts_.emplace_back(&file.getFileEntry(), names_[name].cause);
}

void PrefixReplay::differs(const clang::Token& name) {
  const auto known = name_numbers_.find(name.getIdentifierInfo());
  const auto [id, offset] = sources_.getDecomposedLoc(sources_.getExpansionLoc(name.getLocation()));
  const auto file = sources_.getFileEntryRefForID(id);
  if (known != name_numbers_.end() && file) differ(*file, offset, known->second);
}

std::vector<PrefixReplay::Difference> PrefixReplay::differences() const {
  std::map<const clang::FileEntry*, std::set<std::uint64_t>> causes;
  for (const auto& [file, cause] : doubts_) causes[file].insert(cause);
  std::vector<Difference> differences;
  for (const auto& [entry, all] : causes) {
    std::string text;
    for (const std::uint64_t cause : all) text += std::to_string(cause) + ' ';
    const auto known = file_numbers_.find(entry);
    const File* const file = known == file_numbers_.end() ? nullptr : &files_[known->second];
    const bool once = file != nullptr && (file->once || file->guard != UINT32_MAX);
    for (std::size_t i = 0; once && i < file->readings.size(); ++i) {
      text += text_of(readings_[file->readings[i]]);
    }
    differences.push_back({entry, xxh3(text), once});
  }
  return differences;
}

// Where it is defined.
std::string PrefixReplay::place_text(Value value) const {
  if (value == kNone || value == kNotKnown) return {};
  const auto [entry, offset] = place_of_[value - 1];
  const std::string path = entry != nullptr ? entry->tryGetRealPathName().str() : std::string();
  return path + '\0' + std::to_string(offset);
}

std::string PrefixReplay::text_of(const Reading& reading) const {
  std::string text;
  for (const Step& step : reading.steps) {
    text += '\n' + std::to_string(static_cast<std::uint32_t>(step.kind)) + ' ' +
            std::to_string(step.offset) + ' ';
    if (step.kind == Kind::kInclude) continue;
    text += names_[step.what].name->getName().str() + ' ';
    text += step.kind == Kind::kTest ? std::to_string(step.value == kNone) : place_text(step.value);
  }
  return text;
}

void PrefixReplay::take_back(const Mark& mark) {
  for (; replaced_.size() > mark.names; replaced_.pop_back()) {
    names_[replaced_.back().first].alone = replaced_.back().second;
  }
  for (; newly_read_.size() > mark.files; newly_read_.pop_back()) {
    files_[newly_read_.back()].is_read = false;
  }
  for (; doubted_.size() > mark.doubted; doubted_.pop_back()) {
    names_[doubted_.back()].doubtful = false;
  }
  doubts_.resize(mark.doubts);
  differences_ = mark.differences;
}

void PrefixReplay::include(std::uint32_t file) {
  if (files_[file].once && files_[file].is_read) return;
  const std::uint32_t guard = files_[file].guard;
  if (guard != UINT32_MAX && names_[guard].alone != kNone) return;
  const bool was_read = std::exchange(files_[file].is_read, true);
  if (!was_read) newly_read_.push_back(file);
  const std::vector<std::uint32_t>& readings = files_[file].readings;
  if (readings.empty()) return;
  // The only one is gone through once: to try it first doubles at every depth, and so do many.
  constexpr std::uint32_t kMostTried = 100'000;
  const Mark mark{replaced_.size(), newly_read_.size(), doubted_.size(), doubts_.size(),
                  differences_};
  for (std::size_t i = 0; readings.size() > 1 && i < readings.size() && tried_ < kMostTried; ++i) {
    ++tried_;
    if (fits(readings_[readings[i]], file)) return;
    take_back(mark);
  }
  assume(readings_[readings.front()], file);
}

void PrefixReplay::ask(clang::FileEntryRef target, std::vector<const clang::FileEntry*>& read) {
  const auto known = file_numbers_.find(&target.getFileEntry());
  if (known == file_numbers_.end()) return;
  replaced_.clear();
  newly_read_.clear();
  doubted_.clear();
  tried_ = 0;
  include(known->second);
  for (const std::uint32_t file : newly_read_) read.push_back(&files_[file].entry.getFileEntry());
  for (const auto& [number, old] : replaced_) {
    Identifier& name = names_[number];
    if (!name.doubtful) {
      put_in_place(name);
    } else if (name.after == kNone && name.alone != kNone) {
      hidden_.push_back(number);
    }
  }
}

// What it would be without the prefix.
void PrefixReplay::put_in_place(Identifier& name) {
  auto* const identifier = const_cast<clang::IdentifierInfo*>(name.name);
  const Macro now = preprocessor_.getMacroInfo(identifier);
  name.after = name.alone;
  if (value_of(now) == name.alone) return;
  if (now != nullptr) {
    preprocessor_.appendMacroDirective(identifier,
                                       new (preprocessor_.getPreprocessorAllocator())
                                           clang::UndefMacroDirective(now->getDefinitionLoc()));
  }
  if (name.alone == kNone) return;
  auto* const macro = const_cast<clang::MacroInfo*>(macro_of_[name.alone - 1]);
  preprocessor_.appendDefMacroDirective(identifier, macro, macro->getDefinitionLoc());
}

// What is read now is what would be read without the prefix.
bool PrefixReplay::reads_the_same(const File& file) const {
  for (const std::uint32_t reading : file.readings) {
    for (const Step& step : readings_[reading].steps) {
      const bool is_name = step.kind == Kind::kTest || step.kind == Kind::kMention;
      if (is_name && names_[step.what].alone != names_[step.what].after) return false;
    }
  }
  return true;
}

void PrefixReplay::read_again(clang::FileEntryRef target,
                              std::vector<const clang::FileEntry*>& read) {
  const auto known = file_numbers_.find(&target.getFileEntry());
  if (known == file_numbers_.end() || files_[known->second].is_read) return;
  if (!reads_the_same(files_[known->second])) return ask(target, read);
  files_[known->second].is_read = true;
  read.push_back(&target.getFileEntry());
}

bool PrefixReplay::sees(const clang::Token& name, Macro macro) {
  const auto known = name_numbers_.find(name.getIdentifierInfo());
  if (known == name_numbers_.end()) return true;
  const Identifier& identifier = names_[known->second];
  return !identifier.doubtful && identifier.alone == value_of(macro);
}

// A name that is not what it would be without the prefix cannot be defined anew unseen.
bool PrefixReplay::changes(const clang::Token& name, Macro now) {
  const auto known = name_numbers_.find(name.getIdentifierInfo());
  if (known == name_numbers_.end()) return true;
  Identifier& identifier = names_[known->second];
  const bool same = !identifier.doubtful && identifier.alone == identifier.after;
  identifier.alone = identifier.after = value_of(now);
  identifier.doubtful = false;
  return same;
}

bool PrefixReplay::hides_names_in(const std::vector<clang::FileID>& texts) const {
  if (hidden_.empty()) return false;
  llvm::DenseSet<Name> hidden;
  for (const auto& [name, number] : name_numbers_) {
    if (std::find(hidden_.begin(), hidden_.end(), number) != hidden_.end()) hidden.insert(name);
  }
  auto& identifiers = preprocessor_.getIdentifierTable();
  for (const clang::FileID id : texts) {
    clang::Lexer lexer(id, sources_.getBufferOrFake(id), sources_, preprocessor_.getLangOpts());
    clang::Token token;
    for (lexer.LexFromRawLexer(token); token.isNot(clang::tok::eof); lexer.LexFromRawLexer(token)) {
      if (token.isNot(clang::tok::raw_identifier)) continue;
      const auto known = identifiers.find(token.getRawIdentifier());
      if (known != identifiers.end() && hidden.contains(known->getValue())) return true;
    }
  }
  return false;
}

}  // namespace engram
