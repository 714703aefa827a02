#include "indexer/clang/declaration_recorder.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Lex/Lexer.h>

#include "indexer/clang/stable_names.h"

namespace engram {

namespace {

using ClangRole = clang::index::SymbolRole;

bool has(clang::index::SymbolRoleSet roles, ClangRole role) {
  return (roles & static_cast<clang::index::SymbolRoleSet>(role)) != 0;
}

std::uint16_t roles_of(clang::index::SymbolRoleSet roles) {
  constexpr std::pair<ClangRole, OccurrenceRole> kPairs[] = {
      {ClangRole::Declaration, kRoleDeclaration},
      {ClangRole::Definition, kRoleDefinition},
      {ClangRole::Reference, kRoleReference},
      {ClangRole::Read, kRoleRead},
      {ClangRole::Write, kRoleWrite},
      {ClangRole::Call, kRoleCall},
      {ClangRole::Dynamic, kRoleDynamic},
      {ClangRole::AddressOf, kRoleAddressOf},
      {ClangRole::Implicit, kRoleImplicit},
      {ClangRole::NameReference, kRoleNameOnly},
  };
  std::uint16_t ours = 0;
  for (const auto& [theirs, role] : kPairs) {
    if (has(roles, theirs)) ours |= role;
  }
  return ours;
}

// Only an instantiation would know what these name: clang/Index looks into the primary template.
bool is_guess(const clang::Expr* expression) {
  return expression != nullptr &&
         llvm::isa<clang::CXXDependentScopeMemberExpr, clang::DependentScopeDeclRefExpr,
                   clang::OverloadExpr>(expression);
}

// The named type at the bottom of pointers, references, arrays and qualifiers.
const clang::NamedDecl* named_type(clang::QualType type) {
  while (!type.isNull()) {
    if (const auto* alias = type->getAs<clang::TypedefType>()) return alias->getDecl();
    if (const auto* deduced = type->getContainedDeducedType()) {
      if (!deduced->isDeduced()) return nullptr;
    }
    if (const auto* tag = type->getAsTagDecl()) return tag;
    if (const auto* special = type->getAs<clang::TemplateSpecializationType>()) {
      return special->getTemplateName().getAsTemplateDecl();
    }
    if (const auto* parameter = type->getAs<clang::TemplateTypeParmType>()) {
      return parameter->getDecl();
    }
    const clang::QualType inner = type->isArrayType()
                                      ? clang::QualType(type->getArrayElementTypeNoTypeQual(), 0)
                                      : type->getPointeeType();
    if (inner == type) return nullptr;
    type = inner;
  }
  return nullptr;
}

clang::QualType type_of(const clang::Decl& declaration) {
  if (const auto* function = declaration.getAsFunction()) return function->getReturnType();
  if (const auto* value = llvm::dyn_cast<clang::ValueDecl>(&declaration)) return value->getType();
  if (const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(&declaration)) {
    return alias->getUnderlyingType();
  }
  return {};
}

clang::SourceRange body_of(const clang::Decl& declaration) {
  if (const auto* function = declaration.getAsFunction()) {
    // Clang writes the body of a defaulted one itself, if it is used.
    if (function->doesThisDeclarationHaveABody() && !function->isDefaulted() &&
        function->getBody() != nullptr) {
      return function->getBody()->getSourceRange();
    }
    return {};
  }
  const auto* record = llvm::dyn_cast<clang::TagDecl>(&declaration);
  if (const auto* shape = llvm::dyn_cast<clang::ClassTemplateDecl>(&declaration)) {
    record = shape->getTemplatedDecl();
  }
  return record != nullptr ? record->getBraceRange() : clang::SourceRange();
}

bool is_unnamed_parameter(const clang::Decl& declaration) {
  const auto* named = llvm::dyn_cast<clang::NamedDecl>(&declaration);
  return named != nullptr && named->isTemplateParameter() && !named->getDeclName();
}

// An argument without a name, to which Clang gives that of the template's that it specialises in a
// unit that uses the template's default.
bool is_unnamed_argument(const clang::Decl& declaration, const FilePlace& place) {
  const auto* argument = llvm::dyn_cast<clang::ParmVarDecl>(&declaration);
  if (argument == nullptr || place.from_macro) return false;
  const llvm::StringRef text =
      argument->getASTContext().getSourceManager().getBufferData(place.reading);
  return text.slice(place.begin, place.end) != argument->getName();
}

// In the body that Clang writes for a defaulted function, in a unit that uses it.
bool is_made_up(const clang::DeclContext* container, clang::SourceLocation location) {
  const auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(container);
  if (function == nullptr || !function->isDefaulted()) return false;
  const clang::Stmt* body = function->getBody();
  return body != nullptr && body->getBeginLoc() == location;
}

}  // namespace

std::uint32_t DeclarationRecorder::container_of(
    llvm::ArrayRef<clang::index::SymbolRelation> relations) {
  for (const ClangRole role :
       {ClangRole::RelationContainedBy, ClangRole::RelationCalledBy, ClangRole::RelationChildOf}) {
    for (const auto& relation : relations) {
      if (has(relation.Roles, role)) return recorder_.symbols().of(relation.RelatedSymbol);
    }
  }
  return kNoNumber;
}

void DeclarationRecorder::record_links(std::uint32_t symbol, std::uint32_t file,
                                       llvm::ArrayRef<clang::index::SymbolRelation> relations) {
  for (const auto& [roles, declaration] : relations) {
    const std::uint32_t other = recorder_.symbols().of(declaration);
    if (has(roles, ClangRole::RelationChildOf)) {
      recorder_.link(symbol, RelationKind::kMemberOf, other, file);
    }
    if (has(roles, ClangRole::RelationBaseOf)) {
      recorder_.link(other, RelationKind::kDerivesFrom, symbol, file);
    }
    if (has(roles, ClangRole::RelationOverrideOf)) {
      recorder_.link(symbol, RelationKind::kOverrides, other, file);
    }
    if (has(roles, ClangRole::RelationCalledBy)) {
      recorder_.link(other, RelationKind::kCalls, symbol, file);
    }
    if (has(roles, ClangRole::RelationSpecializationOf)) {
      recorder_.link(symbol, RelationKind::kSpecialises, other, file);
    }
  }
}

void DeclarationRecorder::record_type(std::uint32_t symbol, std::uint32_t file,
                                      const clang::Decl& declaration) {
  if (const clang::NamedDecl* type = named_type(type_of(declaration))) {
    recorder_.link(symbol, RelationKind::kTypeOf, recorder_.symbols().of(type), file);
  }
}

namespace {

// A definition may begin with a macro (an attribute) or end with one (a value); what is all out of
// one macro stands nowhere.
bool is_one_macro_use(clang::SourceRange range, const clang::SourceManager& sources) {
  return range.getBegin().isMacroID() && range.getEnd().isMacroID() &&
         sources.getExpansionLoc(range.getBegin()) == sources.getExpansionLoc(range.getEnd());
}

}  // namespace

void DeclarationRecorder::record_extent(std::uint32_t symbol, const clang::Decl& declaration) {
  const clang::Decl* whole = &declaration;
  if (const auto* described = declaration.getDescribedTemplate()) whole = described;
  const clang::SourceRange range = whole->getSourceRange();
  const auto extent = recorder_.places().tokens(range);
  if (!extent || is_one_macro_use(range, whole->getASTContext().getSourceManager())) return;
  DefinitionExtent record{symbol, extent->file, extent->begin, extent->end, 0, 0};
  const auto body = recorder_.places().tokens(body_of(declaration));
  if (body && body->file == record.file) {
    record.body_begin = body->begin;
    record.body_end = body->end;
  }
  recorder_.extent(record);
}

// False: a guess at something the unit has not asked for yet.
bool DeclarationRecorder::may_know(const clang::Decl& declaration, const FilePlace& place,
                                   bool declares, bool guessed) const {
  if (prefix_ == nullptr || recorder_.places().in_system_file(place.location)) return true;
  if (guessed && !prefix_->is_visible(declaration, place.location)) return false;
  prefix_->require(declaration, place.location);
  // One that it declares itself must be the first one that it knows.
  if (declares) prefix_->require_first(declaration, place.location);
  return true;
}

// clang/Index tells a template's parameters with its first declaration alone, and which that is
// hangs on what was included before. Of system headers they are told with every one.
void DeclarationRecorder::record_later_parameters(const clang::Decl& declaration) {
  const clang::TemplateDecl* shape = declaration.getDescribedTemplate();
  if (shape == nullptr || shape->isCanonicalDecl()) return;
  for (const clang::NamedDecl* parameter : *shape->getTemplateParameters()) {
    ASTNodeInfo node{};
    node.OrigD = parameter;
    // As clang/Index has it for the first declaration.
    const bool of_function = declaration.getAsFunction() != nullptr;
    const clang::index::SymbolRelation of{
        static_cast<clang::index::SymbolRoleSet>(of_function ? ClangRole::RelationContainedBy
                                                             : ClangRole::RelationChildOf),
        &declaration};
    handleDeclOccurrence(parameter,
                         static_cast<clang::index::SymbolRoleSet>(ClangRole::Declaration), of,
                         parameter->getLocation(), node);
  }
}

// From its first token to the last one of "a.b:c".
void DeclarationRecorder::record_module(const clang::Module& module, std::uint16_t roles,
                                        clang::SourceLocation first) {
  const clang::SourceManager& sources = context_->getSourceManager();
  clang::SourceLocation last = first;
  for (auto next = clang::Lexer::findNextToken(last, sources, context_->getLangOpts());
       next && next->isOneOf(clang::tok::raw_identifier, clang::tok::period, clang::tok::colon);
       next = clang::Lexer::findNextToken(last, sources, context_->getLangOpts())) {
    last = next->getLocation();
  }
  const auto place = recorder_.places().tokens({first, last});
  if (!place || !recorder_.told_here(*place)) return;
  recorder_.occurrence(recorder_.symbols().of_module(module.Name), *place, roles, kNoNumber);
}

// Also what `module shapes;` of an implementation unit says.
bool DeclarationRecorder::handleModuleOccurrence(const clang::ImportDecl*,
                                                 const clang::Module* module,
                                                 clang::index::SymbolRoleSet,
                                                 clang::SourceLocation location) {
  if (location.isFileID()) record_module(*module, kRoleReference, location);
  return !recorder_.is_full();
}

void DeclarationRecorder::record_declared_module(const clang::Module& module) {
  if (module.DefinitionLoc.isInvalid() || module.DefinitionLoc.isMacroID()) return;
  const auto name = clang::Lexer::findNextToken(module.DefinitionLoc, context_->getSourceManager(),
                                                context_->getLangOpts());
  if (name) record_module(module, kRoleDeclaration | kRoleDefinition, name->getLocation());
}

bool DeclarationRecorder::handleDeclOccurrence(
    const clang::Decl* declaration, clang::index::SymbolRoleSet roles,
    llvm::ArrayRef<clang::index::SymbolRelation> relations, clang::SourceLocation location,
    ASTNodeInfo node) {
  const auto place = recorder_.places().token(location);
  if (!place || !recorder_.told_here(*place)) return true;
  const bool system = recorder_.places().in_system_file(place->location);
  if (system && is_unnamed_parameter(*declaration)) return true;
  if (is_made_up(node.ContainerDC, location)) return true;
  const std::uint32_t symbol = recorder_.symbols().of(declaration);
  if (symbol == kNoNumber) return true;
  std::uint16_t ours = roles_of(roles);
  // clang/Index hands over the first declaration; the one that stands here is in `node`.
  const clang::Decl& here = node.OrigD != nullptr ? *node.OrigD : *declaration;
  if ((ours & kRoleDeclaration) != 0 && llvm::isa<clang::LabelDecl, clang::BindingDecl>(here)) {
    ours |= kRoleDefinition;
  }
  const bool guessed = is_guess(node.OrigE);
  const bool declares = (ours & (kRoleDeclaration | kRoleDefinition)) != 0;
  if (declares && is_unnamed_argument(here, *place)) return true;
  const clang::index::SymbolRelation of_class{
      static_cast<clang::index::SymbolRoleSet>(ClangRole::RelationChildOf),
      class_of_parameter(*declaration)};
  if (declares && of_class.RelatedSymbol != nullptr) relations = of_class;
  if (!may_know(*declaration, *place, declares, guessed)) return true;
  if (guessed) ours |= kRoleInferred;
  recorder_.occurrence(symbol, *place, ours, container_of(relations));
  record_links(symbol, place->file, relations);
  // Of every declaration, not of the first one: which that is another unit may see otherwise.
  if (declares) record_type(symbol, place->file, here);
  if ((ours & kRoleDefinition) != 0 && !system) record_extent(symbol, here);
  if (declares && system) record_later_parameters(here);
  return !recorder_.is_full();
}

}  // namespace engram
