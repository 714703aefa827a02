#include "indexer/syntax/chunker.h"

#include <algorithm>

#include "indexer/syntax/comment_text.h"
#include "indexer/syntax/fact_assembly.h"
#include "indexer/syntax/tree_walk.h"

namespace engram {

NonBlankCount::NonBlankCount(std::string_view text) : text_(text) {
  totals_.reserve(text.size() / kBlock + 1);
  std::uint32_t total = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += kBlock) {
    totals_.push_back(total);
    const std::size_t end = std::min(begin + kBlock, text.size());
    std::uint32_t here = 0;
    // Every byte up to 0x20 counts as blank here: control bytes need no room in a prompt.
    for (std::size_t i = begin; i < end; ++i) here += static_cast<unsigned char>(text[i]) > 0x20;
    total += here;
  }
  totals_.push_back(total);
}

std::size_t NonBlankCount::before(std::size_t offset) const {
  const std::size_t block = offset / kBlock;
  std::size_t count = totals_[block];
  for (std::size_t i = block * kBlock; i < offset; ++i) {
    count += static_cast<unsigned char>(text_[i]) > 0x20;
  }
  return count;
}

namespace {

// A node, or a part of a large leaf: never cut again.
struct Piece {
  std::uint32_t begin, end;
  std::uint32_t parent;  // number of the node whose child it is
  std::uint32_t depth;   // of that node
  bool comment = false;  // a comment on its own line
  bool in_body = false;  // its parent is the body that the pieces before it head
};

// Collects pieces in order: nodes that fit; of those that do not, their children.
class PieceCollector {
 public:
  PieceCollector(const TSLanguage* language, std::string_view text, std::size_t chunk_bytes,
                 std::size_t max_depth, const NonBlankCount& count)
      : language_(language), text_(text), max_(chunk_bytes), max_depth_(max_depth), count_(count) {}

  bool enter(const WalkNode& node, std::uint32_t depth) {
    if (node.begin == node.end) return false;
    const std::size_t size = count_.in(node.begin, node.end);
    if (depth > 0 && size <= max_) {
      if (size <= max_ / 4 && is_trailing_comment(node)) {
        pieces_.back().end = node.end;
        return false;
      }
      const Parent& parent = parents_.back();
      pieces_.push_back(
          {node.begin, node.end, parent.number, depth, is_comment(node), parent.is_body});
      return false;
    }
    if (!node.has_children || depth >= max_depth_) {
      cut_lines(node.begin, node.end, depth);
      return false;
    }
    const bool inside_wrapper = parents_.back().is_wrapper;
    parents_.push_back({++last_parent_, is_body(node) || inside_wrapper, is_wrapper(node)});
    return true;
  }
  void leave(std::uint32_t) { parents_.pop_back(); }

  void cut_lines(std::uint32_t begin, std::uint32_t end, std::uint32_t depth) {
    const std::uint32_t parent = ++last_parent_;
    while (begin < end) {
      std::size_t stop = text_.find('\n', begin);
      stop = std::min<std::size_t>(stop == std::string_view::npos ? end : stop + 1, end);
      if (count_.in(begin, stop) > max_) {
        stop = utf8_floor(text_, std::min<std::size_t>(begin + max_, end));
        if (stop <= begin) stop = std::min<std::size_t>(begin + max_, end);
      }
      pieces_.push_back({begin, static_cast<std::uint32_t>(stop), parent, depth});
      begin = static_cast<std::uint32_t>(stop);
    }
  }

  std::vector<Piece> take() { return std::move(pieces_); }

 private:
  bool is_comment(const WalkNode& node) const {
    return kind_of(node).find("comment") != std::string_view::npos && begins_line(node.begin);
  }

  // `int x;  // like this` goes with what it follows.
  bool is_trailing_comment(const WalkNode& node) const {
    return !pieces_.empty() && kind_of(node).find("comment") != std::string_view::npos &&
           !begins_line(node.begin);
  }

  bool begins_line(std::uint32_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return at == 0 || text_[at - 1] == '\n';
  }

  // Grammars call bodies alike: class_body, block, compound_statement, field_declaration_list ...
  bool is_body(const WalkNode& node) const {
    const std::string_view kind = kind_of(node);
    for (const std::string_view part : {"body", "block", "compound", "_list", "suite"}) {
      if (kind.find(part) != std::string_view::npos) return true;
    }
    return false;
  }

  // What stands in them follows their head as a body does.
  bool is_wrapper(const WalkNode& node) const {
    const std::string_view kind = kind_of(node);
    return kind == "template_declaration" || kind == "export_statement" ||
           kind == "decorated_definition";
  }

  std::string_view kind_of(const WalkNode& node) const {
    const char* name = ts_language_symbol_name(language_, node.symbol);
    return name != nullptr ? name : "";
  }

  struct Parent {
    std::uint32_t number;
    bool is_body;
    bool is_wrapper;
  };

  const TSLanguage* language_;
  std::string_view text_;
  std::size_t max_;
  std::size_t max_depth_;
  const NonBlankCount& count_;
  std::vector<Parent> parents_{{0, false, false}};
  std::uint32_t last_parent_ = 0;
  std::vector<Piece> pieces_;
};

// Text between two pieces (hidden tokens, blanks) goes with the piece before it; text before the
// first with the first. Where that makes one too large (text the grammar hides) it is cut by lines.
std::vector<Piece> close_gaps(const std::vector<Piece>& pieces, std::string_view text,
                              std::size_t max, const NonBlankCount& count, PieceCollector& cutter) {
  std::vector<Piece> out;
  out.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Piece p = pieces[i];
    const std::size_t next = i + 1 < pieces.size() ? pieces[i + 1].begin : text.size();
    if (i == 0 && count.in(0, p.begin) > 0) {
      if (count.in(0, p.end) <= max) {
        p.begin = 0;
      } else {
        cutter.cut_lines(0, p.begin, 0);
        for (const Piece& extra : cutter.take()) out.push_back(extra);
      }
    }
    const std::size_t gap = count.in(p.end, next);
    if (gap > 0 && count.in(p.begin, next) > max) {
      out.push_back(p);
      cutter.cut_lines(p.end, static_cast<std::uint32_t>(next), p.depth);
      for (const Piece& extra : cutter.take()) out.push_back(extra);
      continue;
    }
    if (gap > 0) p.end = static_cast<std::uint32_t>(next);
    out.push_back(p);
  }
  return out;
}

struct Span {
  std::uint32_t begin, end;
  std::uint32_t depth;
};

// Whether `next` may stand in one chunk with what ends in `last`: neighbours under one parent, a
// head and its body, comments and what they are about.
bool belong_together(const Piece& last, const Piece& next, bool only_comments) {
  if (next.parent == last.parent) return true;
  return next.depth > last.depth && (next.in_body || only_comments);
}

// Neighbours, as many as fit; comments at a cut go with what follows.
std::vector<Span> merge_neighbours(const std::vector<Piece>& pieces, std::size_t max,
                                   const NonBlankCount& count) {
  std::vector<Span> spans;
  std::size_t i = 0;
  while (i < pieces.size()) {
    std::size_t j = i + 1;
    bool only_comments = pieces[i].comment;
    while (j < pieces.size() && belong_together(pieces[j - 1], pieces[j], only_comments) &&
           count.in(pieces[i].begin, pieces[j].end) <= max) {
      only_comments = only_comments && pieces[j].comment;
      ++j;
    }
    std::size_t cut = j;
    if (j < pieces.size() && pieces[j].depth >= pieces[j - 1].depth) {
      while (cut > i && pieces[cut - 1].comment) --cut;
      if (cut == i) cut = j;  // comments only: no better place
    }
    spans.push_back({pieces[i].begin, pieces[cut - 1].end, pieces[cut - 1].depth});
    i = cut;
  }
  return spans;
}

// A short tail (";", "};", "}  // namespace a") joins what it ends.
std::vector<Span> join_tails(const std::vector<Span>& spans, std::size_t max,
                             const NonBlankCount& count) {
  std::vector<Span> out;
  for (const Span& s : spans) {
    if (!out.empty() && out.back().depth > s.depth && count.in(s.begin, s.end) <= max / 16 &&
        count.in(out.back().begin, s.end) <= max) {
      out.back().end = s.end;
      out.back().depth = s.depth;
    } else {
      out.push_back(s);
    }
  }
  return out;
}

std::vector<Chunk> to_chunks(const std::vector<Span>& spans, std::string_view text) {
  std::vector<Chunk> chunks;
  chunks.reserve(spans.size());
  std::uint32_t last_end = 0;
  for (const Span& s : spans) {
    std::uint32_t begin = s.begin, end = s.end;
    while (begin < end && static_cast<unsigned char>(text[begin]) <= 0x20) ++begin;
    while (end > begin && static_cast<unsigned char>(text[end - 1]) <= 0x20) --end;
    if (begin == end) continue;
    std::uint32_t line = begin;  // take the indentation along
    while (line > last_end && (text[line - 1] == ' ' || text[line - 1] == '\t')) --line;
    if (line == 0 || text[line - 1] == '\n') begin = line;
    Chunk chunk;
    chunk.begin = begin;
    chunk.end = end;
    chunks.push_back(std::move(chunk));
    last_end = end;
  }
  return chunks;
}

std::string scope_label(const Symbol& s) {
  switch (s.kind) {
    case SymbolKind::kFunction:
    case SymbolKind::kMethod:
    case SymbolKind::kConstructor:
      return s.name + "()";
    case SymbolKind::kKey:
    case SymbolKind::kHeading:
    case SymbolKind::kElement:
      return s.name;
    default:
      return std::string(to_string(s.kind)) + " " + s.name;
  }
}

}  // namespace

std::vector<Chunk> chunk_tree(const TSTree* tree, std::string_view text, std::size_t chunk_bytes,
                              std::size_t max_depth) {
  const NonBlankCount count(text);
  PieceCollector collector(tree->language, text, chunk_bytes, max_depth, count);
  walk_tree(tree, collector);
  std::vector<Piece> pieces = collector.take();
  if (pieces.empty()) return chunk_lines(text, chunk_bytes);
  pieces = close_gaps(pieces, text, chunk_bytes, count, collector);
  const std::vector<Span> spans = merge_neighbours(pieces, chunk_bytes, count);
  return to_chunks(join_tails(spans, chunk_bytes, count), text);
}

std::vector<Chunk> chunk_lines(std::string_view text, std::size_t chunk_bytes) {
  const NonBlankCount count(text);
  PieceCollector cutter(nullptr, text, chunk_bytes, 0, count);
  cutter.cut_lines(0, static_cast<std::uint32_t>(text.size()), 0);
  return to_chunks(merge_neighbours(cutter.take(), chunk_bytes, count), text);
}

void name_scopes(std::string_view text, const LineIndex& lines, const std::vector<Symbol>& symbols,
                 std::vector<Chunk>& chunks) {
  std::vector<const Symbol*> open;
  std::size_t next = 0;
  for (Chunk& chunk : chunks) {
    chunk.line = static_cast<std::uint32_t>(lines.line_of(chunk.begin) + 1);
    chunk.end_line = static_cast<std::uint32_t>(lines.line_of(chunk.end - 1) + 1);
    std::uint32_t first = chunk.begin;  // past the indentation
    while (first < chunk.end && is_blank(text[first])) ++first;
    while (next < symbols.size() && symbols[next].begin <= first) {
      const Symbol& s = symbols[next++];
      if (is_container(s.kind) && open.size() < 4096) open.push_back(&s);
    }
    std::erase_if(open, [&](const Symbol* s) { return s->end <= first; });
    // The outermost scopes say the most; a pathological nesting is cut short.
    std::size_t named = 0;
    for (const Symbol* s : open) {
      const bool encloses = s->begin < first || s->end > chunk.end;
      if (!encloses || named == 8) continue;
      if (named++ > 0) chunk.scope += " > ";
      chunk.scope += scope_label(*s);
    }
  }
}

}  // namespace engram
