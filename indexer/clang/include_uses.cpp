#include "indexer/clang/include_uses.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Basic/SourceManager.h>

namespace engram {

namespace {

class Uses final : public clang::RecursiveASTVisitor<Uses> {
  using Visitor = clang::RecursiveASTVisitor<Uses>;

 public:
  Uses(const clang::ASTContext& context, bool widely)
      : sources_(context.getSourceManager()), widely_(widely) {}

  bool shouldVisitTemplateInstantiations() const { return widely_; }
  bool shouldVisitImplicitCode() const { return widely_; }

  bool VisitDeclRefExpr(clang::DeclRefExpr* e) {
    named(e->getFoundDecl(), e->getLocation());
    return named(e->getDecl(), e->getLocation());
  }
  bool VisitMemberExpr(clang::MemberExpr* e) { return used(e->getMemberDecl()); }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* e) { return used(e->getConstructor()); }
  bool VisitCXXNewExpr(clang::CXXNewExpr* e) { return needed(e->getOperatorNew()); }
  bool VisitCXXDeleteExpr(clang::CXXDeleteExpr* e) { return needed(e->getOperatorDelete()); }
  bool VisitOverloadExpr(clang::OverloadExpr* e) {
    for (const clang::NamedDecl* candidate : e->decls()) used(candidate);
    return true;
  }
  bool VisitExpr(clang::Expr* e) { return used_type(e->getType()); }
  bool VisitConceptReference(clang::ConceptReference* reference) {
    return named(reference->getNamedConcept(), reference->getConceptNameLoc());
  }

  bool VisitTagTypeLoc(clang::TagTypeLoc type) { return named(type.getDecl(), type.getNameLoc()); }
  bool VisitTypedefTypeLoc(clang::TypedefTypeLoc type) {
    used_type(type.getType());
    return named(type.getTypedefNameDecl(), type.getNameLoc());
  }
  bool VisitUsingTypeLoc(clang::UsingTypeLoc type) {
    used_type(type.getType());
    return named(type.getFoundDecl(), type.getNameLoc());
  }
  bool VisitTemplateSpecializationTypeLoc(clang::TemplateSpecializationTypeLoc type) {
    used_type(type.getType());
    const clang::TemplateName name = type.getTypePtr()->getTemplateName();
    return named(name.getAsTemplateDecl(), type.getTemplateNameLoc());
  }
  bool VisitDeducedTemplateSpecializationTypeLoc(clang::DeducedTemplateSpecializationTypeLoc type) {
    used_type(type.getType());
    const clang::TemplateName name = type.getTypePtr()->getTemplateName();
    return named(name.getAsTemplateDecl(), type.getTemplateNameLoc());
  }
  bool TraverseTemplateName(clang::TemplateName name) {
    used(name.getAsTemplateDecl());
    return Visitor::TraverseTemplateName(name);
  }

  bool VisitUsingDecl(clang::UsingDecl* declaration) {
    for (const clang::UsingShadowDecl* shadow : declaration->shadows()) {
      named(shadow->getTargetDecl(), declaration->getLocation());
    }
    return true;
  }
  // What is declared elsewhere and defined here.
  bool VisitNamedDecl(clang::NamedDecl* declaration) {
    if (llvm::isa<clang::FunctionDecl, clang::VarDecl, clang::TagDecl, clang::ClassTemplateDecl>(
            declaration)) {
      for (const clang::Decl* other : declaration->redecls()) {
        if (other != declaration) used(llvm::cast<clang::NamedDecl>(other));
      }
    }
    return true;
  }
  bool VisitValueDecl(clang::ValueDecl* declaration) { return used_type(declaration->getType()); }
  bool VisitCXXMethodDecl(clang::CXXMethodDecl* method) {
    for (const clang::CXXMethodDecl* overridden : method->overridden_methods()) used(overridden);
    return true;
  }

  llvm::MapVector<const clang::NamedDecl*, DeclarationUse> take() { return std::move(uses_); }

 private:
  bool needed(const clang::NamedDecl* declaration) {
    if (declaration == nullptr || !widely_) return true;
    uses_[llvm::cast<clang::NamedDecl>(declaration->getCanonicalDecl())].is_needed = true;
    return true;
  }
  bool used(const clang::NamedDecl* declaration) {
    if (declaration != nullptr && widely_) {
      uses_[llvm::cast<clang::NamedDecl>(declaration->getCanonicalDecl())];
      if (const auto* shadow = llvm::dyn_cast<clang::UsingShadowDecl>(declaration)) {
        used(shadow->getTargetDecl());
      }
    }
    return true;
  }
  bool named(const clang::NamedDecl* declaration, clang::SourceLocation at) {
    if (declaration == nullptr) return true;
    if (widely_) return used(declaration);
    if (at.isFileID() && sources_.isInMainFile(at)) {
      const auto* key = llvm::cast<clang::NamedDecl>(declaration->getCanonicalDecl());
      DeclarationUse& use = uses_[key];
      const std::uint32_t begin = sources_.getFileOffset(at);
      use.begin = use.is_named ? std::min(use.begin, begin) : begin;
      use.is_named = true;
    }
    return true;
  }
  // Each name that a type is made of.
  bool used_type(clang::QualType type, int depth = 0) {
    if (!widely_ || type.isNull() || depth > 8) return true;
    if (!types_.insert(type.getAsOpaquePtr()).second) return true;
    const clang::Type* one = type.getTypePtr();
    if (const auto* alias = one->getAs<clang::TypedefType>()) used(alias->getDecl());
    if (const auto* tag = one->getAsTagDecl()) {
      used(tag);
      if (const auto* made = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(tag)) {
        used(made->getSpecializedTemplate());
        for (const clang::TemplateArgument& argument : made->getTemplateArgs().asArray()) {
          if (argument.getKind() == clang::TemplateArgument::Type) {
            used_type(argument.getAsType(), depth + 1);
          }
        }
      }
    }
    const clang::QualType inner = one->getPointeeType();
    if (!inner.isNull()) return used_type(inner, depth + 1);
    if (const auto* array = one->getAsArrayTypeUnsafe()) {
      return used_type(array->getElementType(), depth + 1);
    }
    if (const auto* function = one->getAs<clang::FunctionProtoType>()) {
      used_type(function->getReturnType(), depth + 1);
      for (const clang::QualType parameter : function->param_types()) {
        used_type(parameter, depth + 1);
      }
    }
    return true;
  }

  const clang::SourceManager& sources_;
  const bool widely_;
  llvm::MapVector<const clang::NamedDecl*, DeclarationUse> uses_;
  llvm::DenseSet<void*> types_;
};

}  // namespace

llvm::MapVector<const clang::NamedDecl*, DeclarationUse> declarations_used(
    const clang::ASTContext& context, const std::vector<clang::Decl*>& declarations) {
  Uses narrow(context, false), wide(context, true);
  for (clang::Decl* declaration : declarations) {
    narrow.TraverseDecl(declaration);
    wide.TraverseDecl(declaration);
  }
  auto all = narrow.take();
  for (const auto& [declaration, use] : wide.take()) all.insert({declaration, use});
  return all;
}

}  // namespace engram
