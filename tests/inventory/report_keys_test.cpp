#include <catch2/catch.hpp>

#include "folder.hpp"
#include "inventory/report_keys.hpp"

namespace audit::inventory {

TEST_CASE("[report] says who may read the reports, and without it nothing is said") {
  const Folder folder;
  const std::string target = "[[targets]]\naddress = \"10.0.0.1\"\n";
  CHECK(load_file(folder.write("a.toml", "[report]\nmode = \"0640\"\n" + target)).inventory->report_mode == 0640U);
  CHECK_FALSE(load_file(folder.write("b.toml", target)).inventory->report_mode);
}

TEST_CASE("what [report] cannot mean is a mistake with its place") {
  const Folder folder;
  const auto mistakes = [&](const std::string& text) {
    return mistakes_in(folder, load_file(folder.write("a.toml", text + "\n[[targets]]\naddress = \"10.0.0.1\"\n")));
  };
  CHECK(mistakes("[report]\nmode = \"0666\"") ==
        std::vector<std::string>{"a.toml:2:8: mode has to be permissions from \"0600\" to \"0664\", such as \"0640\"; "
                                 "this is \"0666\""});
  CHECK(mistakes("[report]\nmode = 640").front() ==
        "a.toml:2:8: mode has to be permissions from \"0600\" to \"0664\", such as \"0640\"; this is a whole number");
  CHECK(mistakes("[report]\nmod = \"0640\"") ==
        std::vector<std::string>{"a.toml:2:1: unknown key \"mod\" in [report]; did you mean \"mode\"?"});
}

TEST_CASE("a report's owner can always read and replace it, and nobody executes it") {
  CHECK(parse_file_mode("0600") == 0600U);
  CHECK(parse_file_mode("664") == 0664U);
  for (const char* wrong : {"", "0", "06", "0400", "0700", "0666", "1640", "00640", "0o640", "0648", "-640", "u=rw"})
    CHECK_FALSE(parse_file_mode(wrong));
}

}  // namespace audit::inventory
