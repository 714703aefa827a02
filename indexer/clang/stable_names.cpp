#include "indexer/clang/stable_names.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Index/IndexSymbol.h>
#include <clang/Index/USRGeneration.h>

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

namespace {

// Where Clang begins to say something of the declaration itself.
std::size_t own_part(const clang::NamedDecl& declaration) {
  llvm::SmallString<128> around;
  const auto* in = llvm::dyn_cast<clang::NamedDecl>(declaration.getDeclContext());
  if (in == nullptr || clang::index::generateUSRForDecl(in, around)) return 0;
  return around.size();
}

std::string type_as_written(const clang::FunctionDecl& function) {
  clang::PrintingPolicy policy(function.getLangOpts());
  policy.AnonymousTagLocations = false;
  std::string text;
  if (const auto* shape = function.getDescribedFunctionTemplate()) {
    for (const clang::NamedDecl* parameter : *shape->getTemplateParameters()) {
      const auto* value = llvm::dyn_cast<clang::NonTypeTemplateParmDecl>(parameter);
      if (value != nullptr) text += '#' + value->getType().getAsString(policy);
    }
  }
  const auto* written = function.getTypeSourceInfo();
  const clang::QualType type = written != nullptr ? written->getType() : function.getType();
  return text + ' ' + type.getAsString(policy);
}

}  // namespace

// Clang writes "typename enable_if<...>::type" in a USR, behind a '^', with the names of whichever
// declaration had an equal condition first. What follows, the function's name perhaps included, is
// taken from this declaration as it is written.
std::string stable_name(std::string usr, const clang::NamedDecl& declaration) {
  if (usr.find('^') == std::string::npos) return usr;
  const clang::FunctionDecl* function = declaration.getAsFunction();
  if (is_local(declaration)) {  // in such a function: the place in the file says which
    usr.resize(usr.find('^'));
    usr += '^' + declaration.getNameAsString();
  } else if (function != nullptr) {
    const std::size_t dependent = usr.find('^', own_part(declaration));
    if (dependent == std::string::npos) return usr;
    usr.resize(dependent);
    usr += '^' + declaration.getNameAsString() + type_as_written(*function);
  }
  return usr;
}

}  // namespace engram
