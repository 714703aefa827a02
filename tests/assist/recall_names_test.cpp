// Half-typed identifiers: what they may become, by the repository and by the buffer.
#include "assist/engrams/recall_names.h"

#include "memory/identifiers/identifier_sync.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {
namespace {

// A repository of one file: a class with members, and names used so many times.
struct Repository {
  TemporaryDirectory directory;
  std::shared_ptr<const Identifiers> identifiers;

  Repository() {
    FileFacts facts;
    facts.language = "sample";
    std::string text(4000, ' ');
    const auto symbol = [&](std::string name, std::string container, std::uint32_t line) {
      Symbol s;
      s.name = std::move(name);
      s.container = std::move(container);
      s.kind = s.container.empty() ? SymbolKind::kFunction : SymbolKind::kMethod;
      s.line = s.end_line = line;
      s.column = 1;
      facts.symbols.push_back(s);
    };
    symbol("Buffer", "", 1);
    symbol("read_all", "Buffer", 2);
    symbol("read_line", "Buffer", 3);
    symbol("read_everything", "", 9);
    const auto use = [&](const std::string& name, int times) {
      while (times-- > 0) {
        Reference r;
        r.name = name;
        r.begin = facts.references.empty() ? 0 : facts.references.back().end;
        r.end = r.begin + static_cast<std::uint32_t>(name.size());
        r.line = 7;
        r.column = 1;
        facts.references.push_back(r);
      }
    };
    use("read_everything", 90);
    use("read_line", 5);
    use("rest", 3);
    FileEntry entry;
    entry.path = "a.x";
    entry.size = text.size();
    entry.mtime_ns = 1;
    entry.language = "sample";
    const auto writer = CatalogueWriter::open(directory.path());
    REQUIRE(writer);
    REQUIRE((*writer)->put_file(entry, sha256(text), &facts, text));
    REQUIRE((*writer)->commit());
    REQUIRE(sync_identifiers(directory.path()));
    identifiers = *IdentifierReader(directory.path()).newest();
  }

  std::vector<std::string> names(std::string_view marked,
                                 const std::vector<std::string>& types = {}) const {
    const auto at = marked.find('^');
    const std::string text = std::string(marked.substr(0, at)) + std::string(marked.substr(at + 1));
    std::vector<std::string> out;
    for (const RecalledName& name : recall_names(identifiers.get(), {text, at, types, 8})) {
      out.push_back(name.known.name);
    }
    return out;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("recall_names: the most used name first, members of the receiver's type before it",
          "[assist]") {
  const Repository r;
  CHECK(r.names("x = rea^") == Names{"read_everything", "read_line", "read_all"});
  CHECK(r.names("b.rea^", {"Buffer"}) == Names{"read_line", "read_all", "read_everything"});
  CHECK(r.names("b.rea^", {"Unknown"}) == Names{"read_everything", "read_line", "read_all"});
  CHECK(r.names("x = read_line^").empty());
}

TEST_CASE("recall_names: what stands near in the buffer comes before what is far away",
          "[assist]") {
  const Repository r;
  CHECK(r.names("read_mine();\nx = rea^;\n").front() == "read_mine");
  CHECK(r.names("reality = 1; real_life = reality;" + std::string(3000, '\n') + "reason();\nrea^")
            .front() == "reason");
  CHECK(r.names("x = zz^; zzz").front() == "zzz");
  CHECK(recall_names(nullptr, {"alphabet alp", 12, {}, 8}).front().known.name == "alphabet");
}

TEST_CASE("recall_names: shares say how sure the first one is", "[assist]") {
  const Repository r;
  const auto share = [&](std::string_view text) {
    return recall_names(r.identifiers.get(), {text, text.size(), {}, 8}).front().share;
  };
  CHECK(share("x = read_e") == 1);
  CHECK(share("x = re") < share("x = read_"));
  // A name that is whole as it stands leaves little to what could be longer.
  CHECK(share("rest_of = 1;\nx = rest") < 0.995);
}

TEST_CASE("recall_names: nothing half-typed, nothing recalled", "[assist]") {
  const Repository r;
  for (const char* text : {"^", "x = ^", "7re^", "foo(^", "read_line ^"}) {
    CAPTURE(text);
    CHECK(r.names(text).empty());
  }
}

TEST_CASE("name_sources: the definition, else a use; nothing for a name nobody knows", "[assist]") {
  const Repository r;
  const auto reader = CatalogueReader::open(r.directory.path());
  REQUIRE(reader);
  const auto defined = name_sources(**reader, "read_line", 4);
  REQUIRE(defined.size() == 1);
  CHECK(defined[0].path == "a.x");
  CHECK(defined[0].line == 3);
  CHECK(name_sources(**reader, "rest", 2).size() == 2);
  CHECK(name_sources(**reader, "nobody", 2).empty());
}

}  // namespace engram
