#include "indexer/clang/unresolved_names.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecursiveASTVisitor.h>

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

  // Only what is generic has unresolved names.
  bool TraverseDecl(clang::Decl* declaration) {
    if (declaration == nullptr || (!inside_ && !is_generic(*declaration))) return true;
    const bool before = inside_;
    inside_ = inside_ || !llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration);
    const bool go_on = RecursiveASTVisitor::TraverseDecl(declaration);
    inside_ = before;
    return go_on;
  }

 private:
  const clang::SourceManager& sources_;
  HeaderViews& views_;
  const PrefixCheck* const prefix_;
  bool inside_ = false;
};

bool any_generic(const clang::DeclContext& context) {
  for (const clang::Decl* member : context.decls()) {
    if (is_generic(*member)) return true;
  }
  return false;
}

}  // namespace

bool is_generic(const clang::Decl& declaration) {
  if (declaration.isImplicit()) return false;
  if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration)) return true;
  if (llvm::isa<clang::TemplateDecl, clang::ClassTemplatePartialSpecializationDecl,
                clang::VarTemplatePartialSpecializationDecl>(declaration)) {
    return true;
  }
  if (const auto* friendship = llvm::dyn_cast<clang::FriendDecl>(&declaration)) {
    return friendship->getFriendDecl() != nullptr && is_generic(*friendship->getFriendDecl());
  }
  if (declaration.isTemplated()) return true;
  const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration);
  return record != nullptr && any_generic(*record);
}

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
  if (llvm::isa<clang::TemplateDecl>(*found) && found->getPreviousDecl() != nullptr) {
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
