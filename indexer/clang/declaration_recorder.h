// indexer/clang/declaration_recorder.h: what clang/Index says about declarations and their uses,
// told to a UnitRecorder.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Index/IndexDataConsumer.h>

#include "indexer/clang/prefix_check.h"
#include "indexer/clang/unit_recorder.h"

namespace engram {

class DeclarationRecorder final : public clang::index::IndexDataConsumer {
 public:
  explicit DeclarationRecorder(UnitRecorder& recorder, const PrefixCheck* prefix = nullptr)
      : recorder_(recorder), prefix_(prefix) {}

  void initialize(clang::ASTContext& context) override { context_ = &context; }
  bool handleDeclOccurrence(const clang::Decl* declaration, clang::index::SymbolRoleSet roles,
                            llvm::ArrayRef<clang::index::SymbolRelation> relations,
                            clang::SourceLocation location, ASTNodeInfo node) override;
  bool handleModuleOccurrence(const clang::ImportDecl* import, const clang::Module* module,
                              clang::index::SymbolRoleSet roles,
                              clang::SourceLocation location) override;
  // Where the unit declares the interface of a module, or a partition.
  void record_declared_module(const clang::Module& module);
  void finish() override { recorder_.symbols().describe(*context_); }

 private:
  void record_links(std::uint32_t symbol, std::uint32_t file,
                    llvm::ArrayRef<clang::index::SymbolRelation> relations);
  std::uint32_t container_of(llvm::ArrayRef<clang::index::SymbolRelation> relations);
  void record_type(std::uint32_t symbol, std::uint32_t file, const clang::Decl& declaration);
  void record_extent(std::uint32_t symbol, const clang::Decl& declaration);

  void record_module(const clang::Module& module, std::uint16_t roles, clang::SourceLocation first);
  bool may_know(const clang::Decl& declaration, const FilePlace& place, bool declares,
                bool guessed) const;
  void record_later_parameters(const clang::Decl& declaration);

  UnitRecorder& recorder_;
  const PrefixCheck* const prefix_;  // nullptr: the unit has none
  clang::ASTContext* context_ = nullptr;
};

}  // namespace engram
