#include "indexer/scan/secrets.h"

#include "tests/support/catch.h"

namespace engram {

namespace {

// Test credentials are put together here, so that no scanner takes this file for a leak.
std::string glue(std::initializer_list<const char*> parts) {
  std::string out;
  for (const char* part : parts) out += part;
  return out;
}

const std::string kBody =
    "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn2ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB\n"
    "aNrZ5nYkQmZ2mC1t7Lw0vX9pQeRtYuIoPlKjHgFdSaZxCvBnMq1w2e3r4t5y6u7i\n";

}  // namespace

TEST_CASE("secrets: tokens of known services and private keys are found, with their line",
          "[scan]") {
  for (const std::string& secret : {
           glue({"AKI", "AQ4W8ZL2NB7XTVCM5"}),
           glue({"gh", "p_R7tYwQ2mK9xZp4LsVb6NcHj3GfDa1Eo8Ui5T"}),
           glue({"glp", "at-x7Kp2mQz9RtLw4Vb8NcY"}),
           glue({"sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"}),
           glue({"AI", "zaSyD3k9Lm2Qx7Rt5Vb1Nc8Yp4Zw6Hg0JfEu7"}),
           glue({"-----BEGIN RSA ", "PRIVATE KEY-----\n", kBody.c_str(), "-----END"}),
           glue({"\"-----BEGIN ", "PRIVATE KEY-----\\n\"\n\"",
                 "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn2ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB\\n\"\n\"",
                 "aNrZ5nYkQmZ2mC1t7Lw0vX9pQeRtYuIoPlKjHgFdSaZxCvBnMq1w2e3r4t5y6u7i\\n\""}),
           glue({"api_key = \"", "x7Kp2mQz9RtLw4Vb8NcY5HdJ3", "\""}),
           glue({"\"client_secret\": \"", "q8Zt3WmX5vKp7RbN2yLc9HdJ", "\""}),
           glue({"PASSWORD := '", "9fQ2xLk7Vz4Rm8Tw1Bn6Yc3P", "'"}),
       }) {
    INFO(secret);
    const auto found = find_secret("first line\nx = " + secret + "\n and more text\n");
    REQUIRE(found);
    CHECK(found->line == 2);
    CHECK(secret.find(found->kind) == std::string::npos);
  }
}

TEST_CASE("secrets: what only looks like one is left alone", "[scan]") {
  for (const std::string& text : {
           glue({"AKI", "AIOSFODNN7EXAMPLE"}),
           std::string("if (line == \"-----BEGIN RSA PRIVATE KEY-----\") parse_key();"),
           std::string("const char* kHead = \"-----BEGIN PRIVATE KEY-----\\n\"; // then base64"),
           std::string("-----BEGIN CERTIFICATE-----\n") + kBody,
           std::string("-----BEGIN PUBLIC KEY-----\n") + kBody,
           std::string("password = get_password_from_user_interface()"),
           std::string("password: \"your-very-long-password-goes-here-12345\""),
           std::string("secret_name = \"projects/my-project/secrets/database/versions/12\""),
           std::string("api_key = os.environ[\"SERVICE_API_KEY_2024_PRODUCTION\"]"),
           std::string("token = \"0123456789abcdef0123456789abcdef\""),
           std::string("sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15\""),
           std::string("ghp_short gho_ npm_install_everything_in_this_directory_now"),
           std::string("hf_hub_download_the_whole_model_repository"),
       }) {
    INFO(text);
    const auto found = find_secret("head\n" + text + "\ntail of the file\n");
    CHECK_FALSE(found.has_value());
    if (found) UNSCOPED_INFO(found->kind);
  }
}

}  // namespace engram
