#include "indexer/clang/prefix_check.h"

#include <algorithm>

#include "core/path.h"
#include "indexer/clang/file_places.h"

namespace engram {

void PrefixCheck::begin_part(clang::FileID text, const std::vector<std::string>& names) {
  phase_ = names.empty() ? Phase::kBefore : Phase::kPrefix;
  part_ = text;
  current_.clear();
  unfit_.clear();
}

// What came since the current name was entered is its.
void PrefixCheck::blame_current(std::size_t errors) {
  if (errors > errors_ && !current_.empty()) unfit_.push_back(current_);
  errors_ = errors;
}

std::vector<std::string> PrefixCheck::end_part(std::size_t errors) {
  if (phase_ == Phase::kPrefix) replay_.end_part();
  blame_current(errors);
  std::sort(unfit_.begin(), unfit_.end());
  unfit_.erase(std::unique(unfit_.begin(), unfit_.end()), unfit_.end());
  return unfit_;
}

void PrefixCheck::begin_unit(GiveUp give_up, Differs differs) {
  phase_ = Phase::kUnit;
  give_up_ = std::move(give_up);
  differs_ = std::move(differs);
  unasked_ = asked_.size();
  replay_.begin_unit();
}

void PrefixCheck::end_unit(bool errors) {
  if (phase_ != Phase::kUnit) return;
  if (errors || replay_.hides_names_in(texts_)) give_up_({});
  if (unasked_ == 0) return differs_(replay_.differences(), /*last=*/true);
  std::vector<std::string> never;
  for (const auto& [name, entry] : names_) {
    if (asked_.lookup(entry).isInvalid()) never.push_back(name);
  }
  if (never.size() * 2 > names_.size()) never.clear();  // others include them
  give_up_(never);
}

bool PrefixCheck::is_in_workspace(clang::FileID id) const {
  const auto file = sources_.getFileEntryRefForID(id);
  if (!file) return false;
  const std::string path = clean_path(sources_, file->getName());
  const llvm::StringRef real = file->getFileEntry().tryGetRealPathName();
  return relative_path(root_, path) || (!real.empty() && relative_path(root_, real.str()));
}

void PrefixCheck::entered(clang::FileID id, clang::SrcMgr::CharacteristicKind kind) {
  const auto file = sources_.getFileEntryRefForID(id);
  if (phase_ == Phase::kUnit) {
    texts_.push_back(id);
    if (!file) return;
    std::vector<Entry> read;
    replay_.read_again(*file, read);
    for (const Entry entry : read) asked_for(entry);
    return;
  }
  if (phase_ == Phase::kPrefix) replay_.enter(id);
  if (!file) return;
  if (is_in_workspace(id)) unfit_.push_back(current_);  // before all names: of the command
  if (phase_ == Phase::kBefore) return;
  if (!clang::SrcMgr::isSystem(kind)) unfit_.push_back(current_);
  asked_.try_emplace(&file->getFileEntry());
}

void PrefixCheck::left() {
  if (phase_ == Phase::kPrefix) replay_.leave();
}

void PrefixCheck::included(clang::SourceLocation hash, llvm::StringRef name,
                           clang::OptionalFileEntryRef file, std::size_t errors) {
  inclusion_ = hash;
  if (phase_ != Phase::kPrefix) return;
  if (sources_.getFileID(hash) == part_) {
    blame_current(file || errors == 0 ? errors : errors - 1);  // that it is not found was said
    errors_ = errors;
    current_ = name.str();
    if (file) {
      names_.emplace_back(current_, &file->getFileEntry());
    } else {
      unfit_.push_back(current_);
    }
  }
  if (file) replay_.include(hash, *file);
}

void PrefixCheck::skipped(clang::FileEntryRef file) {
  if (phase_ != Phase::kUnit) return;
  std::vector<Entry> read;
  replay_.ask(file, read);
  for (const Entry entry : read) asked_for(entry);
  if (unasked_ == 0 && !read.empty()) differs_(replay_.differences(), /*last=*/false);
}

void PrefixCheck::asked_for(Entry entry) {
  const auto found = asked_.find(entry);
  if (found == asked_.end() || found->second.isValid()) return;
  found->second = inclusion_;
  if (--unasked_ == 0) all_asked_ = inclusion_;
}

PrefixCheck::Entry PrefixCheck::entry_of(clang::SourceLocation location) const {
  return location.isInvalid()
             ? nullptr
             : sources_.getFileEntryForID(sources_.getFileID(sources_.getExpansionLoc(location)));
}

bool PrefixCheck::is_known(clang::SourceLocation definition, clang::SourceLocation at) const {
  const auto found = asked_.find(entry_of(definition));
  if (found == asked_.end()) return true;
  return found->second.isValid() && sources_.isBeforeInTranslationUnit(found->second, at);
}

void PrefixCheck::met(const clang::Token& name, const clang::MacroInfo* macro, bool expanded) {
  if (phase_ == Phase::kPrefix) {
    return expanded ? replay_.expand(name, macro) : replay_.test(name, macro);
  }
  if (phase_ != Phase::kUnit) return;
  if (macro != nullptr && macro->isBuiltinMacro()) {
    // These tell what was read before.
    const llvm::StringRef text = name.getIdentifierInfo()->getName();
    if (text == "__COUNTER__" || text == "__INCLUDE_LEVEL__" || text == "__BASE_FILE__") {
      give_up_({});
    }
  } else if (!replay_.sees(name, macro)) {
    differs(name);
  }
}

void PrefixCheck::redefined(const clang::Token& name, const clang::MacroInfo* before,
                            const clang::MacroInfo* now) {
  if (phase_ == Phase::kPrefix) return replay_.change(name, before, now);
  if (phase_ != Phase::kUnit || replay_.changes(name, now)) return;
  // A definition says the same whatever was there before; that is warned of in the workspace alone.
  if (now == nullptr || !is_in_system(name)) differs(name);
}

bool PrefixCheck::is_in_system(const clang::Token& name) const {
  return sources_.isInSystemHeader(sources_.getExpansionLoc(name.getLocation()));
}

void PrefixCheck::differs(const clang::Token& name) {
  if (!is_in_system(name)) give_up_({});
  replay_.differs(name);
}

void PrefixCheck::condition(clang::SourceRange text) {
  if (phase_ == Phase::kPrefix) replay_.condition(text);
}

void PrefixCheck::left_out(clang::SourceRange text) {
  if (phase_ == Phase::kPrefix) replay_.leave_out(text);
}

bool PrefixCheck::is_visible(const clang::Decl& declaration, clang::SourceLocation at) const {
  if (phase_ != Phase::kUnit) return true;
  if (all_asked_.isValid() && sources_.isBeforeInTranslationUnit(all_asked_, at)) return true;
  for (const clang::Decl* one : declaration.redecls()) {
    if (is_known(one->getLocation(), at)) return true;
  }
  return false;
}

bool PrefixCheck::is_visible(const clang::MacroInfo& macro, clang::SourceLocation at) const {
  return phase_ != Phase::kUnit || unasked_ == 0 || is_known(macro.getDefinitionLoc(), at);
}

void PrefixCheck::require(const clang::Decl& declaration, clang::SourceLocation at) const {
  if (!is_visible(declaration, at)) give_up_({});
}

void PrefixCheck::require_first(const clang::Decl& declaration, clang::SourceLocation at) const {
  if (phase_ != Phase::kUnit) return;
  if (!is_known(declaration.getCanonicalDecl()->getLocation(), at)) give_up_({});
}

}  // namespace engram
