#include "cli/baseline_fold.hpp"

#include <catch2/catch.hpp>

using namespace audit::cli;

TEST_CASE("what several targets say alike is said by a group of theirs, and what is a target's own stays there") {
  const std::string ports = "expect.tcp = { sweep = \"1-1024\", require = \"22\" }\n";
  const std::string services = "expect.services = [\n  { port = 22, service = \"ssh\" },\n]\n";
  std::vector<std::string> targets{
      "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"a\"]\nowner = \"net\"\n" + ports + services +
          "expect.ssh_host_keys = [\n  \"SHA256:x\",\n]\nexpect.names = [\"one.lan\"]\n\n",
      "[[targets]]\naddress = \"b.lan\"\nzone = \"hall\"\nowner = \"net\"\n# a word\n" + ports + services + "\n",
      "[[targets]]\naddress = \"10.0.0.3\"\n" + ports + "\n",
      "# 10.0.0.4 was not seen\n\n",
  };
  CHECK(fold_targets(targets, {"alike-1"}) ==
        "# 2 targets look so.\n[groups.alike-2]\nowner = \"net\"\n" + ports + services + "\n");
  CHECK(targets[0] ==
        "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"a\", \"alike-2\"]\nexpect.ssh_host_keys = [\n  "
        "\"SHA256:x\",\n]\nexpect.names = [\"one.lan\"]\n\n");
  CHECK(targets[1] == "[[targets]]\naddress = \"b.lan\"\nzone = \"hall\"\ngroups = [\"alike-2\"]\n# a word\n\n");
  CHECK(targets[2] == "[[targets]]\naddress = \"10.0.0.3\"\n" + ports + "\n");
  CHECK(targets[3] == "# 10.0.0.4 was not seen\n\n");
}

TEST_CASE("targets that say nothing alike are left as they are") {
  std::vector<std::string> targets{"[[targets]]\naddress = \"10.0.0.1\"\n\n",
                                   "[[targets]]\naddress = \"10.0.0.2\"\n\n"};
  const std::vector<std::string> before = targets;
  CHECK(fold_targets(targets, {}).empty());
  CHECK(targets == before);
}
