// Places told once: every one of them is read back, and damaged tables lead nowhere.

#include "memory/engrams/place_array.h"

#include <catch2/catch_test_macros.hpp>
#include <random>

#include "memory/engrams/context_order.h"

namespace engram {
namespace {

std::string_view view_of(const std::vector<PlaceBlocks>& blocks) {
  return {reinterpret_cast<const char*>(blocks.data()), blocks.size() * sizeof(PlaceBlocks)};
}

// As a segment holds them.
struct Stored {
  std::string blocks, literals, references;
  std::uint32_t count = 0;

  PlaceArray array(unsigned width) const {
    return {std::as_bytes(std::span(blocks)), reinterpret_cast<const std::byte*>(literals.data()),
            width, std::as_bytes(std::span(references)), count};
  }
};

Stored stored(std::uint32_t positions, std::vector<std::uint32_t> places, unsigned width) {
  Stored out;
  out.count = static_cast<std::uint32_t>(places.size());
  auto tables = refer_to_repeats(positions, places);
  REQUIRE(tables);
  out.blocks = view_of(tables->blocks);
  out.references = tables->references;
  REQUIRE(places.size() + out.references.size() / kPlaceReferenceBytes * kPlaceBlock == out.count);
  PackedWriter writer(out.literals, width);
  for (const std::uint32_t p : places) writer.append(p);
  writer.finish();
  return out;
}

// Copies of a few texts with noise between them.
std::vector<std::uint32_t> repetitive(std::mt19937& random, std::size_t size) {
  std::vector<std::vector<std::uint32_t>> texts(5);
  for (auto& text : texts) {
    text.resize(20 + random() % 200);
    for (auto& s : text) s = static_cast<std::uint32_t>(1 + random() % 50);
  }
  std::vector<std::uint32_t> out;
  while (out.size() < size) {
    const auto& text = texts[random() % texts.size()];
    const std::size_t from = random() % 3 == 0 ? random() % text.size() : 0;
    out.insert(out.end(), text.begin() + static_cast<long>(from), text.end());
    for (std::size_t n = random() % 10; n > 0; --n)
      out.push_back(static_cast<std::uint32_t>(random() % 51));
  }
  out.push_back(0);
  return out;
}

}  // namespace

TEST_CASE("place array: every place and every range is what was put in", "[memory]") {
  std::mt19937 random(3);
  std::size_t referred = 0;
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 255U, 256U, 257U, 4000U, 60000U}) {
    const std::vector<std::uint32_t> text = repetitive(random, size);
    const auto order = order_by_context(text, 51);
    REQUIRE(order);
    const unsigned width = packed_width(text.size());
    const Stored s = stored(static_cast<std::uint32_t>(text.size()), order->places, width);
    referred += s.references.size() / kPlaceReferenceBytes;
    const PlaceArray array = s.array(width);
    for (std::uint32_t i = 0; i < s.count; ++i) REQUIRE(array[i] == order->places[i]);
    std::vector<std::uint32_t> out(s.count);
    array.read(0, s.count, out.data());
    REQUIRE(out == order->places);
    for (int i = 0; i < 300 && s.count > 0; ++i) {
      const auto begin = static_cast<std::uint32_t>(random() % s.count);
      const auto end = begin + static_cast<std::uint32_t>(random() % (s.count - begin + 1));
      out.assign(end - begin, 0);
      array.read(begin, end, out.data());
      REQUIRE(std::equal(out.begin(), out.end(), order->places.begin() + begin));
    }
  }
  CHECK(referred > 2000);  // of 60,000 places many stand as others do
}

TEST_CASE("place array: text that repeats all through, and text that never does", "[memory]") {
  std::vector<std::uint32_t> equal(20000, 3), rising;
  for (std::uint32_t i = 0; i < 20000; ++i) rising.push_back(1 + i);
  for (const auto& text : {equal, rising}) {
    const auto order = order_by_context(text, 20001);
    REQUIRE(order);
    const unsigned width = packed_width(text.size());
    const Stored s = stored(static_cast<std::uint32_t>(text.size()), order->places, width);
    for (std::uint32_t i = 0; i < s.count; ++i) REQUIRE(s.array(width)[i] == order->places[i]);
  }
}

TEST_CASE("place array: damaged tables give a number or 0, never a wrong access", "[memory]") {
  std::mt19937 random(5);
  const std::vector<std::uint32_t> text = repetitive(random, 6000);
  const auto order = order_by_context(text, 51);
  REQUIRE(order);
  const unsigned width = packed_width(text.size());
  const Stored whole = stored(static_cast<std::uint32_t>(text.size()), order->places, width);
  REQUIRE(!whole.references.empty());
  std::vector<std::uint32_t> out(whole.count);
  for (int round = 0; round < 200; ++round) {
    Stored s = whole;
    for (std::string* table : {&s.blocks, &s.references}) {
      for (int n = 0; n < 4; ++n) (*table)[random() % table->size()] = static_cast<char>(random());
    }
    const PlaceArray array = s.array(width);
    array.read(0, s.count, out.data());
    for (std::uint32_t i = 0; i < s.count; ++i) {
      REQUIRE(array[i] < (std::uint64_t{1} << width) + 256);
      REQUIRE(out[i] < (std::uint64_t{1} << width) + 256);
    }
  }
}

TEST_CASE("place array: telling places by others stops when asked to", "[memory]") {
  std::vector<std::uint32_t> places = {1, 2, 3, 4, 5, 6, 7, 8};
  std::stop_source stop;
  stop.request_stop();
  const auto tables = refer_to_repeats(9, places, stop.get_token());
  REQUIRE(!tables);
  CHECK(tables.error().code == Errc::kCancelled);
}

}  // namespace engram
