#include "store/byte_heap.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

using audit::store::ByteHeap;

TEST_CASE("bytes that are kept stay where they are and as they were, while others come and the heap moves") {
  std::mt19937 random(7);
  ByteHeap heap;
  std::vector<std::pair<std::string_view, std::string>> kept;
  std::size_t size = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::size_t length = random() % 50 == 0 ? random() % 600'000 : random() % 400;
    const std::string bytes(length, static_cast<char>('a' + random() % 26));
    kept.emplace_back(heap.keep(bytes), bytes);
    size += length;
    if (random() % 100 == 0) heap = ByteHeap(std::move(heap));
  }
  CHECK(heap.size() >= size);
  CHECK(heap.size() < 2 * size);
  for (const auto& [there, bytes] : kept) REQUIRE(there == bytes);
}

TEST_CASE("a heap that was moved from is empty and can be filled again") {
  ByteHeap heap;
  const std::string_view first = heap.keep("first");
  const ByteHeap taken = std::exchange(heap, {});
  CHECK(heap.size() == 0);
  CHECK(heap.keep("second") == "second");
  CHECK(taken.size() == 5);
  CHECK(first == "first");
}
