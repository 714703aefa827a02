#include "indexer/clang/stable_names.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Index/IndexSymbol.h>

namespace engram {

const clang::NamedDecl* class_of_parameter(const clang::Decl& declaration) {
  if (!declaration.isTemplateParameter()) return nullptr;
  const auto* guide = llvm::dyn_cast<clang::CXXDeductionGuideDecl>(declaration.getDeclContext());
  if (guide == nullptr || !guide->isImplicit()) return nullptr;
  return guide->getDeducedTemplate()->getTemplatedDecl();
}

bool is_local(const clang::Decl& declaration) {
  return clang::index::isFunctionLocalSymbol(&declaration) &&
         class_of_parameter(declaration) == nullptr;
}

// Clang writes "typename enable_if<...>::type" in a USR with the names of whichever declaration had
// an equal condition first. What follows is taken from this declaration as it is written.
std::string stable_name(std::string usr, const clang::NamedDecl& declaration) {
  const std::size_t dependent = usr.find('^');
  if (dependent == std::string::npos) return usr;
  const clang::FunctionDecl* function = declaration.getAsFunction();
  if (is_local(declaration)) {  // in such a function: the place in the file says which
    usr.resize(dependent);
    usr += '^' + declaration.getNameAsString();
  } else if (function != nullptr) {
    const auto* written = function->getTypeSourceInfo();
    const clang::QualType type = written != nullptr ? written->getType() : function->getType();
    clang::PrintingPolicy policy(declaration.getLangOpts());
    policy.AnonymousTagLocations = false;
    usr.resize(dependent);
    usr += '^' + type.getAsString(policy);
  }
  return usr;
}

}  // namespace engram
