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

std::vector<std::string> PrefixCheck::end_part(const clang::Preprocessor& preprocessor,
                                               bool errors) {
  if (errors && !current_.empty()) unfit_.push_back(current_);
  auto& table = const_cast<clang::Preprocessor&>(preprocessor).getIdentifierTable();
  for (const auto& identifier : table) known_.insert(identifier.getValue());
  std::sort(unfit_.begin(), unfit_.end());
  unfit_.erase(std::unique(unfit_.begin(), unfit_.end()), unfit_.end());
  return unfit_;
}

void PrefixCheck::begin_unit(GiveUp give_up) {
  phase_ = Phase::kUnit;
  give_up_ = std::move(give_up);
  unasked_ = asked_.size();
}

void PrefixCheck::end_unit() {
  if (phase_ != Phase::kUnit || unasked_ == 0) return;
  std::vector<std::string> never;
  for (const auto& [name, entry] : names_) {
    if (asked_.lookup(entry).isInvalid()) never.push_back(name);
  }
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
  if (phase_ == Phase::kUnit) return;
  const Entry entry = sources_.getFileEntryForID(id);
  if (entry == nullptr) return;
  if (is_in_workspace(id)) unfit_.push_back(current_);  // before all names: of the command
  if (phase_ == Phase::kBefore) return;
  if (!clang::SrcMgr::isSystem(kind)) unfit_.push_back(current_);
  asked_.try_emplace(entry);
}

void PrefixCheck::included(clang::SourceLocation hash, llvm::StringRef name,
                           clang::OptionalFileEntryRef file) {
  if (phase_ == Phase::kBefore) return;
  if (phase_ == Phase::kUnit) {
    if (file) ask(&file->getFileEntry(), hash);
    return;
  }
  if (sources_.getFileID(hash) == part_) {
    current_ = name.str();
    if (file) {
      names_.emplace_back(current_, &file->getFileEntry());
    } else {
      unfit_.push_back(current_);
    }
  } else if (const Entry from = entry_of(hash); from != nullptr && file) {
    includes_[from].push_back(&file->getFileEntry());
  }
}

// A header stands for all that it includes.
void PrefixCheck::ask(Entry entry, clang::SourceLocation at) {
  if (unasked_ == 0) return;
  std::vector<Entry> waiting{entry};
  while (!waiting.empty()) {
    const auto found = asked_.find(waiting.back());
    waiting.pop_back();
    if (found == asked_.end() || found->second.isValid()) continue;
    found->second = at;
    if (--unasked_ == 0) all_asked_ = at;
    if (const auto more = includes_.find(found->first); more != includes_.end()) {
      waiting.insert(waiting.end(), more->second.begin(), more->second.end());
    }
  }
}

PrefixCheck::Entry PrefixCheck::entry_of(clang::SourceLocation location) const {
  return location.isInvalid()
             ? nullptr
             : sources_.getFileEntryForID(sources_.getFileID(sources_.getExpansionLoc(location)));
}

bool PrefixCheck::is_own_text(clang::SourceLocation location) const {
  return !sources_.isInSystemHeader(sources_.getExpansionLoc(location));
}

bool PrefixCheck::is_known(clang::SourceLocation definition, clang::SourceLocation at) const {
  const auto found = asked_.find(entry_of(definition));
  if (found == asked_.end()) return true;
  return found->second.isValid() && sources_.isBeforeInTranslationUnit(found->second, at);
}

void PrefixCheck::met(const clang::Token& name, const clang::MacroInfo* macro) {
  if (phase_ != Phase::kUnit || macro == nullptr) return;
  if (macro->isBuiltinMacro()) {
    // These tell what was read before.
    const llvm::StringRef text = name.getIdentifierInfo()->getName();
    if (text == "__COUNTER__" || text == "__INCLUDE_LEVEL__" || text == "__BASE_FILE__") {
      give_up_({});
    }
  } else if (unasked_ > 0 && is_own_text(name.getLocation()) &&
             !is_known(macro->getDefinitionLoc(), sources_.getExpansionLoc(name.getLocation()))) {
    give_up_({});
  }
}

void PrefixCheck::redefined(const clang::Token& name) {
  if (phase_ != Phase::kUnit || unasked_ == 0 || !is_own_text(name.getLocation())) return;
  if (known_.contains(name.getIdentifierInfo())) give_up_({});
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
