// indexer/syntax/tree_walk.h: one pass over every visible node of a tree, in document order.
//
// tree-sitter's own cursor costs 15-30 % of the parse (measured: C++ 14.8 %, Python 30.8 %, with
// field names); this walk reads the tree's own layout and costs 2.6-5.1 %. The layout belongs to
// the pinned runtime version (cmake/TreeSitter.cmake); tests/syntax compares the walk with the
// public cursor node by node for every language, so a new version cannot drift unseen.
//
// How a tree lies in memory: a Subtree is a small leaf packed in 8 bytes, or a pointer to a heap
// node whose children lie just before it. Nodes the grammar hides (leading underscore, repetitions)
// are in the tree too; a walk shows their children as the children of the nearest visible node.
// A child's kind may be an alias given by its parent's production, its field likewise.
//
// The stack is on the heap: nesting depth is bounded by memory, never by the thread's stack.
#pragma once

#include <cstdint>
#include <vector>
// The runtime's own headers; in angle brackets, for indexer/syntax/language.h is another file.
#include <tree.h>
// tree.h first: it brings what language.h needs.
#include <language.h>

namespace engram {

struct WalkNode {
  std::uint32_t begin = 0, end = 0;
  std::uint16_t symbol = 0;  // raw: index into the grammar's symbol names
  std::uint16_t field = 0;   // 0: none
  bool named = false;
  bool first_named = false;  // the first named child of its visible parent, comments left out
  bool has_children = false;
  bool missing = false;
};

// Visitor: bool enter(const WalkNode&, depth) true to see its children, then leave(depth) is called
// after them; leave is not called when enter returned false. Depth of the root is 0.
template <class Visitor>
class TreeWalk {
 public:
  TreeWalk(const TSTree* tree, Visitor& visitor)
      : language_(tree->language), root_(tree->root), visitor_(visitor) {}

  void run() {
    const std::uint32_t begin = ts_subtree_padding(root_).bytes;
    WalkNode node;
    node.begin = begin;
    node.end = begin + ts_subtree_size(root_).bytes;
    node.symbol = ts_subtree_symbol(root_);
    node.named = true;
    node.first_named = true;
    node.has_children = ts_subtree_child_count(root_) > 0;
    if (!visitor_.enter(node, 0u)) return;
    if (node.has_children) {
      push(root_, begin, 0, true);
      while (!stack_.empty()) step();
    } else {
      visitor_.leave(0u);
    }
  }

 private:
  struct Frame {
    const Subtree* next;
    const Subtree* end;
    const TSSymbol* aliases;  // by structural index, or null
    const TSFieldMapEntry* fields_begin;
    const TSFieldMapEntry* fields_end;
    std::uint32_t position;    // where the next child's padding begins
    std::uint32_t structural;  // index among children that are not extras
    std::uint16_t field;       // of a hidden node: what its children inherit
    bool visible;
    bool seen_named;  // of a visible node
    bool first_child;
  };

  void push(Subtree node, std::uint32_t begin, std::uint16_t field, bool visible) {
    const SubtreeHeapData* heap = node.ptr;
    Frame frame{};
    frame.next = ts_subtree_children(node);
    frame.end = frame.next + heap->child_count;
    frame.aliases = ts_language_alias_sequence(language_, heap->production_id);
    ts_language_field_map(language_, heap->production_id, &frame.fields_begin, &frame.fields_end);
    frame.position = begin;
    frame.field = field;
    frame.visible = visible;
    frame.first_child = true;
    stack_.push_back(frame);
    if (visible) visible_.push_back(static_cast<std::uint32_t>(stack_.size() - 1));
  }

  void step() {
    Frame& frame = stack_.back();
    if (frame.next == frame.end) {
      const bool visible = frame.visible;
      stack_.pop_back();
      if (visible) {
        visible_.pop_back();
        visitor_.leave(static_cast<std::uint32_t>(visible_.size()));
      }
      return;
    }
    const Subtree child = *frame.next++;
    WalkNode node;
    bool visible = false, extra = false;
    std::uint32_t padding = 0, size = 0;
    if (child.data.is_inline) {
      padding = child.data.padding_bytes;
      size = child.data.size_bytes;
      visible = child.data.visible;
      node.named = child.data.named;
      extra = child.data.extra;
      node.symbol = child.data.symbol;
      node.missing = child.data.is_missing;
    } else {
      padding = child.ptr->padding.bytes;
      size = child.ptr->size.bytes;
      visible = child.ptr->visible;
      node.named = child.ptr->named;
      extra = child.ptr->extra;
      node.symbol = child.ptr->symbol;
      node.missing = child.ptr->is_missing;
      node.has_children = child.ptr->child_count > 0;
    }
    // A node begins after its own padding; its first child's padding is the same white space.
    node.begin = frame.first_child ? frame.position : frame.position + padding;
    frame.first_child = false;
    node.end = node.begin + size;
    frame.position = node.end;
    if (!extra) {
      const std::uint32_t index = frame.structural++;
      if (frame.aliases != nullptr && frame.aliases[index] != 0) {
        node.symbol = frame.aliases[index];
        node.named = ts_language_symbol_metadata(language_, node.symbol).named;
        visible = true;
      }
      for (const TSFieldMapEntry* e = frame.fields_begin; e != frame.fields_end; ++e) {
        if (e->child_index == index && !e->inherited) {
          node.field = e->field_id;
          break;
        }
      }
      if (node.field == 0 && !frame.visible) node.field = frame.field;
    }
    if (!visible) {
      if (node.has_children) push(child, node.begin, node.field, false);
      return;
    }
    if (node.named && !extra) {
      Frame& parent = stack_[visible_.back()];
      node.first_named = !parent.seen_named;
      parent.seen_named = true;
    }
    if (visitor_.enter(node, static_cast<std::uint32_t>(visible_.size()))) {
      if (node.has_children) {
        push(child, node.begin, 0, true);
      } else {
        visitor_.leave(static_cast<std::uint32_t>(visible_.size()));
      }
    }
  }

  const TSLanguage* language_;
  Subtree root_;
  Visitor& visitor_;
  std::vector<Frame> stack_;
  std::vector<std::uint32_t> visible_;  // indices of visible frames in stack_
};

template <class Visitor>
void walk_tree(const TSTree* tree, Visitor& visitor) {
  TreeWalk<Visitor>(tree, visitor).run();
}

}  // namespace engram
