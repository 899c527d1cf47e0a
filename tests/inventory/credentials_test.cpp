#include "loading.hpp"

using namespace audit::inventory;

TEST_CASE("a credential is named, with where it is found and whom it is for") {
  const Inventory inventory =
      loaded(with_target("[groups.portals]\n[credentials.web]\nenv = \"WEB_LOGIN\"\ngroups = "
                         "[\"portals\"]\n[credentials.file]\nfile = \"secrets/web\""));
  REQUIRE(inventory.credentials.size() == 2);
  const CredentialSource& file = inventory.credentials[inventory.credentials[0].name == "file" ? 0 : 1];
  const CredentialSource& web = inventory.credentials[inventory.credentials[0].name == "file" ? 1 : 0];
  CHECK(web.env == "WEB_LOGIN");
  CHECK(web.groups == std::vector<std::string>{"portals"});
  CHECK(file.file == "secrets/web");
  CHECK(file.groups.empty());
}

TEST_CASE("a credential that says nowhere, or two places, or the secret itself, is a mistake") {
  const std::string either =
      "1:14: a credential has either env = \"VARIABLE\" or file = \"/path\": it says where the secret is";
  CHECK(mistakes_of(with_target("[credentials.web]")) == Lines{either});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\nfile = \"b\"")) == Lines{either});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"lab:pass word\"")) ==
        Lines{"2:7: env names an environment variable (letters, digits, _); the secret itself is not written here"});
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\npassword = \"x\"")).size() == 1);
  CHECK(mistakes_of(with_target("[credentials.web]\nenv = \"A\"\ngroups = [\"nobody\"]")).size() == 1);
}
