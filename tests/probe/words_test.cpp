#include "probe/words.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "../source_dir.hpp"

using namespace audit;
using namespace audit::probe;

namespace {

using Names = std::multiset<std::string>;

std::string completion(const std::string& file) {
  std::ifstream stream(test::source_dir() + "/completions/" + file);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  REQUIRE_FALSE(text.empty());
  return text;
}

/// The words in what a pattern's group finds first.
Names words_in(const std::string& text, const std::string& pattern) {
  std::smatch found;
  REQUIRE(std::regex_search(text, found, std::regex(pattern)));
  const std::string list = found[1];
  const std::regex word("[a-z][a-z_0-9]*");
  return {std::sregex_token_iterator(list.begin(), list.end(), word), {}};
}

/// What a pattern's group finds, everywhere.
Names each(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  return {std::sregex_token_iterator(text.begin(), text.end(), expression, 1), {}};
}

}  // namespace

TEST_CASE("every shell completes the words that there are, each once, and no other") {
  Names expected{"tcp"};  // `connect`, by hand
  for (const Word& word : words()) expected.emplace(word.name);
  const std::string bash = completion("audit.bash");
  CHECK(words_in(bash, "\n +(port \\|[^)]*)\\)") == expected);
  CHECK(words_in(bash, "words='(port [^']*) --help'") == expected);
  const std::string zsh = completion("_audit");
  const std::size_t begin = zsh.find("local -a probes=(");
  const std::size_t end = zsh.find("_describe 'probe' probes");
  REQUIRE((begin < end && end != std::string::npos));
  CHECK(each(zsh.substr(begin, end - begin), "\n +'([a-z_]+):") == expected);
  const std::string fish = completion("audit.fish");
  CHECK(words_in(fish, "\nset -l probes ([a-z_ ]+)\n") == expected);
  CHECK(each(fish, "not __fish_seen_subcommand_from \\$probes\" -a '([a-z_]+)' -d") == expected);
}
