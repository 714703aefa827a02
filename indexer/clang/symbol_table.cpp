#include "indexer/clang/symbol_table.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RawCommentList.h>
#include <clang/Index/IndexSymbol.h>
#include <clang/Index/USRGeneration.h>

#include <algorithm>

#include "core/path.h"
#include "indexer/clang/stable_names.h"

namespace engram {

SymbolKind symbol_kind(const clang::Decl& declaration) {
  using Kind = clang::index::SymbolKind;
  switch (clang::index::getSymbolInfo(&declaration).Kind) {
    case Kind::Module:
      return SymbolKind::kModule;
    case Kind::Namespace:
    case Kind::NamespaceAlias:
      return SymbolKind::kNamespace;
    case Kind::Macro:
      return SymbolKind::kMacro;
    case Kind::Enum:
      return SymbolKind::kEnum;
    case Kind::Struct:
      return SymbolKind::kStruct;
    case Kind::Class:
    case Kind::Extension:
      return SymbolKind::kClass;
    case Kind::Protocol:
      return SymbolKind::kInterface;
    case Kind::Union:
      return SymbolKind::kUnion;
    case Kind::TypeAlias:
    case Kind::Using:
      return SymbolKind::kTypeAlias;
    case Kind::Function:
      return SymbolKind::kFunction;
    case Kind::Variable:
      return SymbolKind::kVariable;
    case Kind::Field:
    case Kind::StaticProperty:  // a static data member
      return SymbolKind::kField;
    case Kind::EnumConstant:
      return SymbolKind::kEnumMember;
    case Kind::InstanceMethod:
    case Kind::ClassMethod:
    case Kind::StaticMethod:
    case Kind::Destructor:
    case Kind::ConversionFunction:
      return SymbolKind::kMethod;
    case Kind::InstanceProperty:
    case Kind::ClassProperty:
      return SymbolKind::kProperty;
    case Kind::Constructor:
      return SymbolKind::kConstructor;
    case Kind::Parameter:
      return SymbolKind::kParameter;
    case Kind::TemplateTypeParm:
    case Kind::TemplateTemplateParm:
    case Kind::NonTypeTemplateParm:
      return SymbolKind::kTypeParameter;
    case Kind::Concept:
      return SymbolKind::kTrait;
    case Kind::Unknown:
      break;
  }
  return SymbolKind::kUnknown;
}

namespace {

constexpr std::size_t kMaxSignature = 400, kMaxDoc = 2000;

void cut(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
}

void trim_end(std::string& text) { text.resize(text.find_last_not_of(" \n") + 1); }

SymbolKey key_of(const std::string& name) {
  const Sha256 hash = sha256(name);
  SymbolKey key;
  std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

// Of what is seen only inside its function half a key does, and halves what its store costs.
SymbolKey key_of_local(const std::string& name) {
  SymbolKey key = key_of(name);
  std::fill(key.bytes.begin() + key.bytes.size() / 2, key.bytes.end(), std::uint8_t{0});
  return key;
}

// The member of a template's pattern that stands where `member` stands in the instantiation.
const clang::Decl* same_member(const clang::NamedDecl* member, const clang::DeclContext* pattern) {
  if (pattern == nullptr || !member->getDeclName()) return member;
  for (const clang::NamedDecl* candidate : pattern->lookup(member->getDeclName())) {
    if (candidate->getKind() == member->getKind()) return candidate;
  }
  return member;
}

const clang::Decl* member_pattern(const clang::NamedDecl* member) {
  if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(member->getDeclContext())) {
    return same_member(member, record->getTemplateInstantiationPattern());
  }
  if (const auto* enumeration = llvm::dyn_cast<clang::EnumDecl>(member->getDeclContext())) {
    return same_member(member, enumeration->getTemplateInstantiationPattern());
  }
  return member;
}

// A type, or something in it, that C knows in one source file alone, though Clang gives it external
// linkage.
bool is_private_in_c(const clang::NamedDecl& declaration, const clang::SourceManager& sources) {
  if (declaration.getLangOpts().CPlusPlus) return false;
  const auto* tag = llvm::dyn_cast<clang::TagDecl>(&declaration);
  if (tag == nullptr) tag = llvm::dyn_cast<clang::TagDecl>(declaration.getDeclContext());
  return tag != nullptr &&
         sources.isInMainFile(sources.getFileLoc(tag->getCanonicalDecl()->getLocation()));
}

// "Tile &same" of `auto &same = tile`.
std::string deduced_signature(const clang::NamedDecl& declaration, clang::PrintingPolicy policy) {
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(&declaration);
  if (variable == nullptr) return {};
  const clang::DeducedType* deduced = variable->getType()->getContainedDeducedType();
  if (deduced == nullptr || !deduced->isDeduced()) return {};
  policy.AnonymousTagLocations = false;
  std::string text = variable->getName().str();
  clang::QualType type = variable->getType();
  type.getAsStringInternal(text, policy);
  cut(text, kMaxSignature);
  return text;
}

// "#define MAX(a, b) ((a) > (b) ? (a) : (b))", white space as written.
std::string definition_text(const clang::MacroInfo& macro, const clang::SourceManager& sources) {
  const auto [file, begin] = sources.getDecomposedLoc(macro.getDefinitionLoc());
  const std::uint32_t length = macro.getDefinitionLength(sources);
  const llvm::StringRef text = sources.getBufferData(file);
  if (begin >= text.size()) return {};
  // The length runs to the start of the last token.
  std::size_t end = std::min<std::size_t>(begin + length, text.size());
  while (end < text.size() && text[end] != '\n' && end - begin < 400) ++end;
  return "#define " + text.slice(begin, end).rtrim().str();
}

}  // namespace

std::string signature_of(const clang::NamedDecl& declaration, clang::PrintingPolicy policy) {
  if (llvm::isa<clang::NamespaceDecl>(declaration)) return {};
  if (std::string deduced = deduced_signature(declaration, policy); !deduced.empty()) {
    return deduced;
  }
  policy.TerseOutput = true;
  policy.PolishForDeclaration = true;
  policy.SuppressUnwrittenScope = true;
  policy.AnonymousTagLocations = false;
  std::string text;
  llvm::raw_string_ostream out(text);
  declaration.print(out, policy);
  out.flush();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.ends_with("{}")) text.resize(text.size() - 2);
  if (text.ends_with("{ }")) text.resize(text.size() - 3);  // enumerations
  trim_end(text);
  cut(text, kMaxSignature);
  return text;
}

std::string doc_of(const clang::NamedDecl& declaration, const clang::ASTContext& context) {
  const clang::RawComment* comment = context.getRawCommentForDeclNoCache(&declaration);
  if (comment == nullptr) return {};
  std::string text =
      comment->getFormattedText(context.getSourceManager(), context.getDiagnostics());
  cut(text, kMaxDoc);
  trim_end(text);
  return text;
}

const clang::Decl* pattern_of(const clang::Decl* declaration) {
  const clang::Decl* pattern = nullptr;
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(declaration)) {
    if (function->getTemplateSpecializationKind() != clang::TSK_ExplicitSpecialization) {
      pattern = function->getTemplateInstantiationPattern(/*ForDefinition=*/false);
    }
  } else if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(declaration)) {
    const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record);
    if (special != nullptr && special->getSpecializationKind() == clang::TSK_Undeclared) {
      pattern =
          special->getSpecializedTemplate()->getTemplatedDecl();  // nothing needed its members
    } else if (record->getTemplateSpecializationKind() != clang::TSK_ExplicitSpecialization) {
      pattern = record->getTemplateInstantiationPattern();
    }
  } else if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration)) {
    if (variable->getTemplateSpecializationKind() != clang::TSK_ExplicitSpecialization) {
      pattern = variable->getTemplateInstantiationPattern();
    }
  } else if (const auto* enumeration = llvm::dyn_cast<clang::EnumDecl>(declaration)) {
    pattern = enumeration->getTemplateInstantiationPattern();
  } else if (llvm::isa<clang::FieldDecl, clang::EnumConstantDecl, clang::TypedefNameDecl>(
                 declaration)) {
    pattern = member_pattern(llvm::cast<clang::NamedDecl>(declaration));
  }
  return pattern != nullptr ? pattern : declaration;
}

std::uint32_t SymbolTable::of(const clang::Decl* declaration) {
  const clang::Decl* canonical = declaration->getCanonicalDecl();
  if (const auto known = numbers_.find(canonical); known != numbers_.end()) return known->second;
  const auto* named = llvm::dyn_cast<clang::NamedDecl>(pattern_of(declaration)->getCanonicalDecl());
  const std::uint32_t number = named == nullptr ? kNoNumber : add(*named);
  numbers_[canonical] = number;
  return number;
}

const std::string& SymbolTable::file_prefix(clang::SourceLocation location) {
  // Clang's own declarations are nowhere; no key of the map may be an invalid one.
  if (location.isInvalid()) return nowhere_;
  std::string& prefix = prefixes_[sources_.getFileID(sources_.getFileLoc(location))];
  if (prefix.empty()) {
    const std::string path = places_.path(location);
    prefix = relative_path(root_, path).value_or(path) + '\0';
  }
  return prefix;
}

std::uint32_t SymbolTable::add(const clang::NamedDecl& declaration) {
  llvm::SmallString<128> usr;
  if (clang::index::generateUSRForDecl(&declaration, usr)) return kNoNumber;
  std::string name = stable_name(usr.str().str(), declaration);
  const clang::SourceLocation location = sources_.getFileLoc(declaration.getLocation());
  const bool shared = declaration.isExternallyVisible() && !declaration.isInAnonymousNamespace();
  if ((!shared && !sources_.isInSystemHeader(location)) || is_private_in_c(declaration, sources_)) {
    name = file_prefix(location) + name;
  }
  return number_of(is_local(declaration) ? key_of_local(name) : key_of(name), &declaration);
}

std::uint32_t SymbolTable::number_of(const SymbolKey& key, const clang::NamedDecl* declaration) {
  const auto [at, added] = by_key_.try_emplace(key, static_cast<std::uint32_t>(entries_.size()));
  if (!added) return at->second;
  Entry entry;
  entry.symbol.key = key;
  entry.declaration = declaration;
  if (declaration != nullptr) {
    entry.symbol.kind = symbol_kind(*declaration);
    entry.symbol.local = is_local(*declaration);
    if (entry.symbol.kind == SymbolKind::kUnknown && llvm::isa<clang::LabelDecl>(declaration)) {
      entry.symbol.kind = SymbolKind::kLabel;
      entry.symbol.local = true;
    }
    clang::PrintingPolicy policy(declaration->getLangOpts());
    policy.SuppressUnwrittenScope = true;
    policy.AnonymousTagLocations = false;  // a name that moves with its line is none
    if (declaration->getDeclName()) {
      llvm::raw_string_ostream name(entry.symbol.name);
      declaration->printName(name, policy);
    }
    llvm::raw_string_ostream qualified(entry.symbol.qualified_name);
    declaration->printQualifiedName(qualified, policy);
  }
  entries_.push_back(std::move(entry));
  return at->second;
}

std::uint32_t SymbolTable::of_macro(llvm::StringRef name, const clang::MacroInfo& macro) {
  const auto [at, added] = macros_.try_emplace(&macro, kNoNumber);
  if (!added) return at->second;
  const std::string& file = file_prefix(macro.getDefinitionLoc());
  at->second = number_of(key_of("macro" + ('\0' + file) + name.str()), nullptr);
  UnitSymbol& symbol = entries_[at->second].symbol;
  if (symbol.kind == SymbolKind::kUnknown) {  // the first definition of that name in the file
    symbol.kind = SymbolKind::kMacro;
    symbol.name = symbol.qualified_name = name.str();
    symbol.signature = definition_text(macro, sources_);
    cut(symbol.signature, kMaxSignature);
  }
  return at->second;
}

std::uint32_t SymbolTable::of_module(llvm::StringRef name) {
  const std::uint32_t number = number_of(key_of("module" + ('\0' + name.str())), nullptr);
  UnitSymbol& symbol = entries_[number].symbol;
  symbol.kind = SymbolKind::kModule;
  symbol.name = symbol.qualified_name = name.str();
  symbol.signature = "module " + name.str();
  return number;
}

void SymbolTable::describe(const clang::ASTContext& context) {
  const clang::PrintingPolicy policy(context.getLangOpts());
  for (Entry& entry : entries_) {
    if (!entry.mentioned || entry.declaration == nullptr) continue;
    entry.symbol.signature = signature_of(*entry.declaration, policy);
    if (!entry.symbol.local) entry.symbol.doc = doc_of(*entry.declaration, context);
  }
}

std::vector<UnitSymbol> SymbolTable::take() {
  std::vector<UnitSymbol> symbols;
  symbols.reserve(entries_.size());
  for (Entry& entry : entries_) symbols.push_back(std::move(entry.symbol));
  return symbols;
}

}  // namespace engram
