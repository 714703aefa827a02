#include "indexer/clang/unresolved_names.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecursiveASTVisitor.h>

#include "indexer/clang/symbol_table.h"

namespace engram {

namespace {

class Finder final : public clang::RecursiveASTVisitor<Finder> {
 public:
  Finder(const clang::SourceManager& sources, HeaderViews& views, const PrefixCheck* prefix)
      : sources_(sources), views_(views), prefix_(prefix) {}

  bool VisitOverloadExpr(clang::OverloadExpr* name) {
    std::uint64_t candidates = 1;  // none, too, is an answer
    const clang::SourceLocation place = sources_.getExpansionLoc(name->getNameLoc());
    for (const clang::NamedDecl* candidate : name->decls()) {
      const clang::NamedDecl* named = candidate->getUnderlyingDecl();
      if (prefix_ != nullptr && !prefix_->is_visible(*named, place)) continue;
      candidates +=
          views_.place_hash(sources_.getFileLoc(named->getCanonicalDecl()->getLocation()));
    }
    const auto [file, offset] = sources_.getDecomposedLoc(place);
    views_.guess(file, offset, candidates);
    return true;
  }

  // Instantiated or not, and from which specialisation: that decides which one a name means.
  bool VisitTemplateSpecializationTypeLoc(clang::TemplateSpecializationTypeLoc type) {
    const clang::CXXRecordDecl* record = type.getType()->getAsCXXRecordDecl();
    if (record == nullptr) return true;
    const clang::Decl* meant = pattern_of(record);
    const auto [file, offset] =
        sources_.getDecomposedLoc(sources_.getExpansionLoc(type.getTemplateNameLoc()));
    views_.guess(file, offset, views_.place_hash(sources_.getFileLoc(meant->getLocation())));
    return true;
  }

 private:
  const clang::SourceManager& sources_;
  HeaderViews& views_;
  const PrefixCheck* const prefix_;
};

}  // namespace

void find_unresolved_names(clang::Decl& declaration, const clang::SourceManager& sources,
                           HeaderViews& views, const PrefixCheck* prefix) {
  Finder(sources, views, prefix).TraverseDecl(&declaration);
}

void find_later_declarations(const clang::Decl& declaration, const clang::SourceManager& sources,
                             HeaderViews& views) {
  const clang::Decl* found = &declaration;
  if (const auto* friendship = llvm::dyn_cast<clang::FriendDecl>(found)) {
    found = friendship->getFriendDecl();
  }
  if (found == nullptr || found->isImplicit()) return;
  // Clang names a typedef by the file that declares it first.
  if (llvm::isa<clang::TemplateDecl, clang::TypedefNameDecl>(*found) &&
      found->getPreviousDecl() != nullptr) {
    const auto [file, offset] =
        sources.getDecomposedLoc(sources.getExpansionLoc(found->getLocation()));
    views.guess(file, offset, 0);
  }
  if (const auto* shape = llvm::dyn_cast<clang::ClassTemplateDecl>(found)) {
    found = shape->getTemplatedDecl();
  }
  if (!llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl, clang::CXXRecordDecl>(*found))
    return;
  for (const clang::Decl* member : llvm::cast<clang::DeclContext>(found)->decls()) {
    find_later_declarations(*member, sources, views);
  }
}

}  // namespace engram
