#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "../source_dir.hpp"
#include "corpus.hpp"
#include "genuine.hpp"

namespace audit::syntax {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped_texts() {
  std::vector<std::string> texts;
  for (const char* folder : {"rules", "scripts"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(test::source_dir()) / folder)) {
      if (entry.path().extension() != ".lua") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  return texts;
}

std::uint32_t line_of(const std::string& complaint) {
  constexpr std::size_t name = 5;  // "text:"
  return static_cast<std::uint32_t>(std::stoul(complaint.substr(name)));
}

void compare(std::string_view text) {
  const std::string lua = complaint_of_lua(text);
  if (is_limit(lua)) return;
  const auto ours = complaint_of_ours(text);
  INFO("text:\n" << text << "\nLua: " << lua << "\nours: " << (ours ? ours->what : ""));
  CHECK(lua.empty() == !ours.has_value());
}

}  // namespace

TEST_CASE("a text is accepted exactly where Lua's own compiler accepts it") {
  REQUIRE(tricky_texts().size() > 300);
  for (const std::string_view text : tricky_texts()) compare(text);
}

TEST_CASE("every shipped rule and library is accepted") {
  const std::vector<std::string> texts = shipped_texts();
  REQUIRE(texts.size() >= 20);
  for (const std::string& text : texts) {
    const auto ours = complaint_of_ours(text);
    INFO(text << (ours ? ours->what : ""));
    CHECK_FALSE(ours.has_value());
  }
}

TEST_CASE("a shipped text that was cut off, or lost a piece, is accepted exactly where Lua accepts it") {
  constexpr std::size_t step = 97;
  for (const std::string& text : shipped_texts())
    for (std::size_t at = text.size() % step; at < text.size(); at += step) {
      compare(std::string_view(text).substr(0, at));
      std::string hole = text;
      hole.erase(at, 1 + at % 11);
      compare(hole);
    }
}

TEST_CASE("every pair of the tricky texts, one behind the other, is accepted exactly where Lua accepts it") {
  const auto& texts = tricky_texts();
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = i % 7; j < texts.size(); j += 7) compare(std::string(texts[i]) + "\n" + std::string(texts[j]));
}

TEST_CASE("a mistake is told at the line at which Lua tells it") {
  for (const std::string_view text :
       {"x = = 1", "\nx = = 1", "return {\n  a = 1\n  b = 2\n}", "f(\n\n]", "local x <const> = 1\n\nx = 2",
        "\n\nreturn \"abc\n\"", "\nx = 3x", "if x then\n\nfor i do", "return 1\nx = 2", "\r\n\r\nx = = 1"}) {
    const std::string lua = complaint_of_lua(text);
    const auto ours = complaint_of_ours(text);
    INFO(text << "\nLua: " << lua);
    REQUIRE(ours.has_value());
    CHECK(ours->at.line == line_of(lua));
  }
}

TEST_CASE("what nests too deeply is refused, and what only chains is not") {
  const auto repeated = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return text;
  };
  for (const std::string_view opener : {"(", "{", "function() return ", "- ", "not ", "f(", "a[", "a .. ", "a ^ "}) {
    const auto ours = complaint_of_ours("return " + repeated(opener, 100'000));
    REQUIRE(ours.has_value());
    CHECK(ours->what == "this nests too deeply");
  }
  for (const std::string_view opener : {"do ", "while a do ", "if a then ", "repeat ", "if a then else "})
    CHECK(complaint_of_ours(repeated(opener, 100'000))->what == "this nests too deeply");
  CHECK_FALSE(complaint_of_ours("return 1" + repeated(" + 1", 100'000)).has_value());
  CHECK_FALSE(complaint_of_ours("return a" + repeated(".b", 100'000)).has_value());
  CHECK_FALSE(complaint_of_ours("return a" + repeated("()", 100'000)).has_value());
  CHECK_FALSE(complaint_of_ours("if a then" + repeated(" elseif a then", 100'000) + " end").has_value());
}

}  // namespace audit::syntax
