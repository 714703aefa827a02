#include "indexer/clang/live_describer.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecordLayout.h>
#include <clang/Basic/CharInfo.h>
#include <clang/Index/IndexDataConsumer.h>
#include <clang/Index/IndexingAction.h>
#include <clang/Index/IndexingOptions.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Sema/Sema.h>

#include "core/text.h"
#include "indexer/clang/file_places.h"
#include "indexer/clang/symbol_table.h"

namespace engram {

namespace {

constexpr std::size_t kMostExpansion = 400;  // bytes

std::uint64_t bits(clang::CharUnits size, const clang::ASTContext& context) {
  return static_cast<std::uint64_t>(context.toBits(size));
}

void measure_type(clang::QualType type, const clang::ASTContext& context, LiveDetails& out) {
  if (type.isNull() || type->isDependentType() || type->isIncompleteType() ||
      type->isFunctionType() || type->isSizelessType() || type->isUndeducedType()) {
    return;
  }
  const auto* record = type->getAsRecordDecl();
  if (record != nullptr && record->isInvalidDecl()) return;
  const auto size = context.getTypeSizeInCharsIfKnown(type);
  if (!size) return;
  out.size = bits(*size, context);
  out.alignment = context.getTypeAlign(type);
}

// A class whose fields have places.
bool is_laid_out(const clang::RecordDecl* record) {
  if (record == nullptr || record->isInvalidDecl() || record->isDependentType() ||
      !record->isCompleteDefinition()) {
    return false;
  }
  for (const clang::FieldDecl* field : record->fields()) {
    if (field->isInvalidDecl()) return false;
  }
  return true;
}

// In the class that a name of it is looked up in: an anonymous one is a part of it.
std::optional<std::uint64_t> offset_of(const clang::FieldDecl& field,
                                       const clang::ASTContext& context) {
  std::uint64_t offset = 0;
  const clang::FieldDecl* inner = &field;
  while (true) {
    const clang::RecordDecl* record = inner->getParent()->getDefinition();
    if (!is_laid_out(record)) return std::nullopt;
    offset += context.getASTRecordLayout(record).getFieldOffset(inner->getFieldIndex());
    if (!record->isAnonymousStructOrUnion()) return offset;
    const auto* outer = llvm::dyn_cast<clang::RecordDecl>(record->getDeclContext());
    if (outer == nullptr) return std::nullopt;
    inner = nullptr;
    for (const clang::FieldDecl* part : outer->fields()) {
      if (part->getType()->getAsRecordDecl() == record) inner = part;
    }
    if (inner == nullptr) return std::nullopt;
  }
}

void measure_field(const clang::FieldDecl& field, const clang::ASTContext& context,
                   LiveDetails& out) {
  out.offset = offset_of(field, context);
  if (!out.offset) return;
  measure_type(field.getType(), context, out);
  if (field.isBitField()) {
    out.size = field.getBitWidthValue(context);
    out.alignment.reset();
  } else if (out.alignment) {
    out.alignment = bits(context.getDeclAlign(&field), context);
  }
}

// "42", and "42 (0x2a)" where that says more.
std::string integer_text(const llvm::APSInt& value) {
  llvm::SmallString<40> text;
  value.toString(text, 10);
  if (value.isNegative() || value.ult(10)) return text.str().str();
  llvm::SmallString<40> hex;
  value.APInt::toString(hex, 16, /*Signed=*/false, /*formatAsCLiteral=*/true);
  return (text + " (" + hex.str().lower() + ")").str();
}

// Numbers alone: what a class or a pointer holds is no constant to a reader.
std::string value_of(const clang::VarDecl& variable, const clang::ASTContext& context) {
  const clang::QualType type = variable.getType();
  const clang::Expr* made_from = variable.getAnyInitializer();
  if (made_from == nullptr || made_from->isValueDependent() || made_from->isTypeDependent() ||
      made_from->containsErrors()) {
    return {};
  }
  const bool is_number = type->isArithmeticType() || type->isEnumeralType();
  if (!is_number || !type.isConstQualified() || type.isVolatileQualified()) return {};
  const clang::APValue* value = variable.evaluateValue();
  if (value == nullptr) return {};
  if (value->isInt() && !type->isBooleanType()) return integer_text(value->getInt());
  return value->isInt() || value->isFloat() ? value->getAsString(context, type) : std::string();
}

// Instantiates the class of an alias, which naming it does not.
void complete(const clang::TypedefNameDecl& alias, clang::Sema& sema) {
  const clang::QualType type = alias.getUnderlyingType().getNonReferenceType();
  if (!type->isDependentType()) {
    static_cast<void>(sema.isCompleteType(alias.getLocation(), type));
  }
}

void measure(const clang::NamedDecl& declaration, const clang::ASTContext& context,
             LiveDetails& out) {
  if (declaration.isInvalidDecl()) return;
  if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(&declaration)) {
    const clang::TagDecl* defined = tag->getDefinition();
    if (defined != nullptr && !defined->isInvalidDecl()) {
      measure_type(context.getTypeDeclType(defined), context, out);
    }
  } else if (const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(&declaration)) {
    measure_type(alias->getUnderlyingType().getNonReferenceType(), context, out);
  } else if (const auto* field = llvm::dyn_cast<clang::FieldDecl>(&declaration)) {
    measure_field(*field, context, out);
  } else if (const auto* one = llvm::dyn_cast<clang::EnumConstantDecl>(&declaration)) {
    const bool open = one->getDeclContext()->isDependentContext() ||
                      (one->getInitExpr() != nullptr && one->getInitExpr()->containsErrors());
    if (!open) out.value = integer_text(one->getInitVal());
  } else if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(&declaration)) {
    out.value = value_of(*variable, context);
  }
}

}  // namespace

// Whether a macro is used at the place.
class LiveDescriber::Macros final : public clang::PPCallbacks {
 public:
  explicit Macros(LiveDescriber& describer) : describer_(describer) {}
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition&, clang::SourceRange,
                    const clang::MacroArgs*) override {
    if (name.getLocation() == describer_.name_) describer_.is_macro_ = true;
  }

 private:
  LiveDescriber& describer_;
};

// The declaration that the name at the place means.
class LiveDescriber::Names final : public clang::index::IndexDataConsumer {
 public:
  Names(const LiveDescriber& describer, FilePlaces& places, llvm::StringRef written)
      : describer_(describer), places_(places), written_(written) {}

  bool handleDeclOccurrence(const clang::Decl* declaration, clang::index::SymbolRoleSet roles,
                            llvm::ArrayRef<clang::index::SymbolRelation>,
                            clang::SourceLocation location, ASTNodeInfo node) override {
    constexpr auto kImplicit =
        static_cast<clang::index::SymbolRoleSet>(clang::index::SymbolRole::Implicit);
    if ((roles & kImplicit) != 0) return true;
    const auto place = places_.token(location);
    if (!place || place->from_macro || place->location != describer_.name_) return true;
    const auto* named =
        llvm::dyn_cast<clang::NamedDecl>(node.OrigD != nullptr ? node.OrigD : declaration);
    // A call of a constructor names its class, too.
    const bool better =
        found_ == nullptr || (!is_named(*found_) && named != nullptr && is_named(*named));
    if (named != nullptr && better) found_ = named;
    return true;
  }
  const clang::NamedDecl* found() const { return found_; }

 private:
  bool is_named(const clang::NamedDecl& declaration) const {
    const clang::IdentifierInfo* name = declaration.getIdentifier();
    return name != nullptr && name->getName() == written_;
  }

  const LiveDescriber& describer_;
  FilePlaces& places_;
  const llvm::StringRef written_;
  const clang::NamedDecl* found_ = nullptr;
};

bool LiveDescriber::find(const clang::CompilerInstance& compiler, std::uint32_t offset) {
  const clang::SourceManager& sources = compiler.getSourceManager();
  const llvm::StringRef text = sources.getBufferData(sources.getMainFileID());
  const auto in_name = [&](std::uint32_t at) {
    return at < text.size() && (clang::isAsciiIdentifierContinue(
                                    static_cast<unsigned char>(text[at]), /*AllowDollar=*/true) ||
                                static_cast<unsigned char>(text[at]) >= 0x80);
  };
  std::uint32_t begin = offset, end = offset;
  while (begin > 0 && in_name(begin - 1)) --begin;
  while (in_name(end)) ++end;
  if (begin == end) return false;
  details_.begin = begin;
  details_.end = end;
  name_ = sources.getLocForStartOfFile(sources.getMainFileID())
              .getLocWithOffset(static_cast<clang::SourceLocation::IntTy>(begin));
  return true;
}

void LiveDescriber::begin(clang::CompilerInstance& compiler, std::uint32_t offset) {
  if (!find(compiler, offset)) return;
  clang::Preprocessor& preprocessor = compiler.getPreprocessor();
  preprocessor.addPPCallbacks(std::make_unique<Macros>(*this));
  preprocessor.setTokenWatcher(
      [this, &preprocessor](const clang::Token& token) { note_token(token, preprocessor); });
}

void LiveDescriber::note_token(const clang::Token& token, const clang::Preprocessor& preprocessor) {
  std::string& text = details_.expansion;
  if (!is_macro_ || !token.getLocation().isMacroID() || token.isAnnotation()) return;
  if (preprocessor.getSourceManager().getExpansionLoc(token.getLocation()) != name_) return;
  if (text.size() > kMostExpansion) return;
  if (!text.empty() && (token.hasLeadingSpace() || token.isAtStartOfLine())) text += ' ';
  text += preprocessor.getSpelling(token);
  if (text.size() > kMostExpansion) text = text.substr(0, utf8_floor(text, kMostExpansion)) + "...";
}

// Those that hold the name.
void LiveDescriber::declared(clang::DeclGroupRef group) {
  if (name_.isInvalid()) return;
  for (const clang::Decl* one : group) {
    const clang::SourceManager& sources = one->getASTContext().getSourceManager();
    const auto begin = sources.getDecomposedExpansionLoc(one->getBeginLoc());
    const auto end = sources.getDecomposedLoc(sources.getExpansionRange(one->getEndLoc()).getEnd());
    const bool here = begin.first == sources.getMainFileID() && end.first == begin.first;
    if (here && begin.second <= details_.begin && details_.begin <= end.second) {
      declarations_.push_back(one);
    }
  }
}

void LiveDescriber::end(clang::CompilerInstance& compiler) {
  if (name_.isInvalid() || is_macro_ || !compiler.hasASTContext()) {
    if (!is_macro_) details_ = {};
    return;
  }
  clang::ASTContext& context = compiler.getASTContext();
  const clang::SourceManager& sources = compiler.getSourceManager();
  const llvm::StringRef text = sources.getBufferData(sources.getMainFileID());
  FilePlaces places(sources, compiler.getLangOpts());
  Names names(*this, places, text.slice(details_.begin, details_.end));
  clang::index::IndexingOptions options;
  options.SystemSymbolFilter = clang::index::IndexingOptions::SystemSymbolFilterKind::All;
  options.IndexFunctionLocals = true;
  options.IndexParametersInDeclarations = true;
  options.IndexTemplateParameters = true;
  clang::index::indexTopLevelDecls(context, compiler.getPreprocessor(), declarations_, names,
                                   options);
  if (names.found() == nullptr) {
    details_ = {};
    return;
  }
  details_.head = signature_of(*names.found(), clang::PrintingPolicy(context.getLangOpts()));
  details_.doc = doc_of(*names.found(), context);
  const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(names.found());
  if (alias != nullptr && !alias->isInvalidDecl() && compiler.hasSema()) {
    complete(*alias, compiler.getSema());
  }
  measure(*names.found(), context, details_);
}

}  // namespace engram
