// indexer/clang/prefix_replay.h: what the headers of a prefix hung on as they were read, and
// whether a unit that asks for them in another order would have read the same.
//
// A header reads as it does because of the macros it meets. Of every reading is kept, in order,
// which names it met and what they were, which it defined or undefined, and what it included. When
// a unit asks for a header, its reading is gone through with the macros that the unit would have if
// it had read no prefix: where every name is what it was, the header reads the same to the letter,
// and what it does to macros is known for the next one. A file that was read several times has
// several readings; any of them may fit. Where none fits, the unit alone would read the file
// otherwise: that is a difference, and the name it hangs on is doubtful from then on, in every file
// that meets it. A macro that the header leaves and the prefix, or the unit, has otherwise
// (`assert`, which each <cassert> makes anew) is put in place. Names that a `##` makes and that are
// no macros are not seen.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/DenseMap.h>

#include <string>
#include <utility>
#include <vector>

namespace engram {

class PrefixReplay {
 public:
  using Name = const clang::IdentifierInfo*;
  using Macro = const clang::MacroInfo*;

  // `tests_tell`: which definition a test finds is told, not only whether there is one.
  PrefixReplay(clang::Preprocessor& preprocessor, bool tests_tell)
      : preprocessor_(preprocessor),
        sources_(preprocessor.getSourceManager()),
        tests_tell_(tests_tell) {}

  // As a part of the prefix is read. The text that holds its #include lines is entered, too.
  void enter(clang::FileID id);
  void leave();
  void include(clang::SourceLocation hash, clang::FileEntryRef target);
  void test(const clang::Token& name, Macro macro);  // whether it is a macro; nullptr: it is none
  void expand(const clang::Token& name, Macro macro);
  void change(const clang::Token& name, Macro before, Macro now);
  void condition(clang::SourceRange text) { add(text, &Open::conditions); }
  void leave_out(clang::SourceRange text) { add(text, &Open::left_out); }
  void end_part();

  // As a unit is.
  void begin_unit();
  // It includes the file, which is not read again. `read`: the files it would have read now.
  void ask(clang::FileEntryRef target, std::vector<const clang::FileEntry*>& read);
  // It includes the file, which is: for it, perhaps, the first time.
  void read_again(clang::FileEntryRef target, std::vector<const clang::FileEntry*>& read);
  // It meets, or changes, a macro as it would without the prefix.
  bool sees(const clang::Token& name, Macro macro);
  bool changes(const clang::Token& name, Macro now);
  void differs(const clang::Token& name);  // it does not, in a system header
  // A file that the unit alone would read otherwise. `how`: the names its own text met as the
  // prefix was read, and those it hangs on, where and what they would be, hashed: equal in all
  // units where they are. Of a file that is not only read in the prefix the latter alone.
  struct Difference {
    const clang::FileEntry* file;
    std::uint64_t how;
    bool only_in_prefix;
  };
  std::vector<Difference> differences() const;
  // Whether a name stands in these texts that was a macro there but for the prefix.
  bool hides_names_in(const std::vector<clang::FileID>& texts) const;

 private:
  // What a name is: kNone, or a number for each definition.
  using Value = std::uint32_t;
  static constexpr Value kNone = 0, kNotKnown = UINT32_MAX;
  static constexpr std::uint32_t kNotRead = UINT32_MAX;
  enum class Kind : std::uint32_t { kTest, kMention, kChange, kInclude };
  struct Step {
    Kind kind;
    std::uint32_t offset;
    std::uint32_t what;   // a name; kInclude: a file
    std::uint32_t value;  // kInclude: the reading that followed, or kNotRead
  };
  struct Reading {
    std::vector<Step> steps;
    bool sound = true;  // what the steps say is what the preprocessor had
  };
  using Stretch = std::pair<std::uint32_t, std::uint32_t>;
  struct Open {
    clang::FileID id;
    std::uint32_t reading = 0;
    std::uint32_t at = 0;
    std::vector<Step> steps;
    std::vector<Stretch> left_out, conditions;
  };
  struct File {
    clang::FileEntryRef entry;
    std::vector<std::uint32_t> readings;
    bool once = false, is_read = false;
    std::uint32_t guard = UINT32_MAX;  // a name
  };
  struct Identifier {
    Name name;
    Value before, after, alone;  // the prefix; in the unit, without the prefix
    bool doubtful = false;
    std::uint64_t cause = 0;             // of the doubt
    std::uint32_t guarded = UINT32_MAX;  // a file that is read where it is no macro
    std::uint32_t seen_in = 0;           // stretch of text without inclusions
  };

  std::uint32_t number_of(Name name, Macro now);
  std::uint32_t number_of(clang::FileEntryRef file);
  Value value_of(Macro macro);
  void add(clang::SourceRange text, std::vector<Stretch> Open::* where);
  void add(Kind kind, clang::SourceLocation location, std::uint32_t what, std::uint32_t value);
  void mention(std::uint32_t name, clang::SourceLocation location, Value value);
  std::vector<Step> names_in_text(const Open& open);
  static std::vector<Step> merged(std::vector<Step> text, std::vector<Step> events);
  void settle(Reading& reading);
  bool fits(const Reading& reading, std::uint32_t file);
  void assume(const Reading& reading, std::uint32_t file);
  void include(std::uint32_t file);
  void differ(clang::FileEntryRef file, std::uint32_t offset, std::uint32_t name);
  void doubt(clang::FileEntryRef file, std::uint32_t name);
  bool reads_the_same(const File& file) const;
  std::string place_text(Value value) const;
  std::string text_of(const Reading& reading) const;
  struct Mark {
    std::size_t names, files, doubted, doubts, differences;
  };
  void take_back(const Mark& mark);
  void set(std::uint32_t name, Value value);
  void put_in_place(Identifier& name);

  clang::Preprocessor& preprocessor_;
  const clang::SourceManager& sources_;
  const bool tests_tell_;
  std::vector<Reading> readings_;
  std::vector<Open> open_;  // innermost last
  std::uint32_t stretch_ = 0;
  std::vector<File> files_;
  llvm::DenseMap<const clang::FileEntry*, std::uint32_t> file_numbers_;
  std::vector<Identifier> names_;
  llvm::DenseMap<Name, std::uint32_t> name_numbers_;
  llvm::DenseMap<Macro, Value> values_;
  using Place = std::pair<const clang::FileEntry*, unsigned>;
  llvm::DenseMap<Place, Value> places_;
  std::vector<Place> place_of_;  // by value, from 1
  std::vector<Macro> macro_of_;
  // Since the unit asked.
  std::vector<std::pair<std::uint32_t, Value>> replaced_;
  std::vector<std::uint32_t> newly_read_, doubted_;
  std::uint32_t tried_ = 0;  // readings
  std::size_t differences_ = 0;
  std::vector<std::pair<const clang::FileEntry*, std::uint64_t>> doubts_;  // and their causes
  std::vector<std::uint32_t> hidden_;  // names that are macros, and were not for the unit
};

}  // namespace engram
