#include "indexer/scan/secrets.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <cstddef>
#include <memory>

#include "core/ascii.h"
#include "indexer/scan/ascii.h"
#include "indexer/scan/random_literals.h"

namespace engram {

namespace {

using std::string_view;

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_base64(char c) { return is_alnum(c) || c == '+' || c == '/' || c == '='; }
bool is_url_token(char c) { return is_alnum(c) || c == '_' || c == '-'; }
bool is_dotted_token(char c) { return is_url_token(c) || c == '.'; }
bool is_upper_alnum(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::size_t run_length(string_view text, std::size_t from, bool (*accept)(char)) {
  std::size_t n = 0;
  while (from + n < text.size() && accept(text[from + n])) ++n;
  return n;
}

// A service's token: fixed prefix, then `min`..`max` characters of its alphabet.
struct TokenFormat {
  string_view prefix;
  bool (*accept)(char);
  std::size_t min, max;
  const char* kind;
};
constexpr std::size_t kAny = 400;
const auto kFormats = std::to_array<TokenFormat>({
    {"AKIA", is_upper_alnum, 16, 16, "AWS access key"},
    {"ASIA", is_upper_alnum, 16, 16, "AWS temporary key"},
    {"ghp_", is_alnum, 36, 251, "GitHub token"},
    {"gho_", is_alnum, 36, 251, "GitHub token"},
    {"ghu_", is_alnum, 36, 251, "GitHub token"},
    {"ghs_", is_alnum, 36, 251, "GitHub token"},
    {"ghr_", is_alnum, 36, 251, "GitHub token"},
    {"github_pat_", is_url_token, 80, 251, "GitHub token"},
    {"glpat-", is_url_token, 20, 64, "GitLab token"},
    {"xoxb-", is_url_token, 40, 120, "Slack token"},
    {"xoxp-", is_url_token, 40, 120, "Slack token"},
    {"xoxa-", is_url_token, 40, 120, "Slack token"},
    {"xoxr-", is_url_token, 40, 120, "Slack token"},
    {"sk_live_", is_alnum, 24, kAny, "Stripe key"},
    {"rk_live_", is_alnum, 24, kAny, "Stripe key"},
    {"sk-proj-", is_url_token, 40, kAny, "OpenAI key"},
    {"sk-ant-", is_url_token, 40, kAny, "Anthropic key"},
    {"AIza", is_url_token, 35, 35, "Google API key"},
    {"ya29.", is_url_token, 60, kAny, "Google OAuth token"},
    {"npm_", is_alnum, 36, 36, "npm token"},
    {"pypi-AgE", is_url_token, 60, kAny, "PyPI token"},
    {"hf_", is_alnum, 34, 37, "Hugging Face token"},
    {"SG.", is_dotted_token, 66, 66, "SendGrid key"},
    {"dop_v1_", is_hex_digit, 64, 64, "DigitalOcean token"},
    {"shpat_", is_hex_digit, 32, 32, "Shopify token"},
    {"sq0csp-", is_url_token, 43, 43, "Square secret"},
    {"AGE-SECRET-KEY-1", is_upper_alnum, 58, 58, "age key"},
});

// Names whose assigned value is a credential. Compared in lower case.
constexpr auto kTellingNames = std::to_array<string_view>(
    {"secret", "passwd", "password", "api_key", "apikey", "api-key", "access_key", "private_key",
     "auth_token", "access_token", "client_token", "bearer"});

bool is_token_of(const TokenFormat& format, string_view text, std::size_t at) {
  if (at > 0 && is_url_token(text[at - 1])) return false;
  const std::size_t body = at + format.prefix.size();
  const std::size_t length = run_length(text, body, format.accept);
  if (length < format.min || length > format.max) return false;
  const string_view token = text.substr(body, length);
  return character_entropy(token) >= 3.0 && !is_placeholder(token);
}

// "-----BEGIN ... PRIVATE KEY-----" and at least 100 characters of base64 soon after: the body may
// be split by newlines, quotes, escapes and concatenation, as in source code.
bool is_private_key(string_view text, std::size_t at) {
  const string_view head = text.substr(at, 64);
  const std::size_t name = head.find("PRIVATE KEY");
  if (name == string_view::npos || head.substr(0, name).find('\n') != string_view::npos) {
    return false;
  }
  std::size_t i = at + name + 11, body = 0, run = 0;
  const std::size_t end = std::min(text.size(), i + 1200);
  for (; i < end && body < 100; ++i) {
    if (text.substr(i, 9) == "-----END ") break;
    if (is_base64(text[i])) {
      ++run;
      continue;
    }
    if (run >= 32) body += run;  // a line of base64, not words
    run = 0;
  }
  if (run >= 32) body += run;
  return body >= 100;
}

// name ["'] (=|:|=>|:=) spaces "value": the quoted value, or empty.
string_view assigned_literal(string_view text, std::size_t at) {
  std::size_t i = at;
  while (i < text.size() && is_url_token(text[i])) ++i;  // rest of the name
  const auto skip = [&](string_view set) {
    while (i < text.size() && set.find(text[i]) != string_view::npos) ++i;
  };
  skip("\"' ]");
  const std::size_t mark = i;
  skip(":=>");
  if (i == mark || i > mark + 2) return {};
  skip(" \t");
  if (i >= text.size() || (text[i] != '"' && text[i] != '\'')) return {};
  const std::size_t begin = i + 1;
  const std::size_t length = run_length(text, begin, [](char c) {
    return is_base64(c) || c == '_' || c == '-' || c == '.' || c == '~';
  });
  const bool closed = begin + length < text.size() && text[begin + length] == text[i];
  return closed ? text.substr(begin, length) : string_view();
}

// Two-byte openings of everything above: one table look-up a byte decides almost always.
using PairSet = std::bitset<65536>;

std::size_t pair_of(char a, char b) {
  return static_cast<std::size_t>(static_cast<unsigned char>(a)) << 8 |
         static_cast<std::size_t>(static_cast<unsigned char>(b));
}

const PairSet& openings() {
  static const std::unique_ptr<const PairSet> set = [] {
    auto pairs = std::make_unique<PairSet>();
    for (const TokenFormat& format : kFormats) {
      pairs->set(pair_of(format.prefix[0], format.prefix[1]));
    }
    for (const string_view name : kTellingNames) {
      for (const char a : {name[0], static_cast<char>(std::toupper(name[0]))}) {
        for (const char b : {name[1], static_cast<char>(std::toupper(name[1]))}) {
          pairs->set(pair_of(a, b));
        }
      }
    }
    return pairs;
  }();
  return *set;
}

bool starts_with_folded(string_view text, string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::ranges::equal(text.substr(0, lower_case.size()), lower_case, {},
                            [](char c) { return ascii_lower(c); });
}

const char* secret_at(string_view text, std::size_t at) {
  for (const TokenFormat& format : kFormats) {
    if (text.substr(at, format.prefix.size()) == format.prefix && is_token_of(format, text, at)) {
      return format.kind;
    }
  }
  for (const string_view name : kTellingNames) {
    if (!starts_with_folded(text.substr(at, name.size()), name)) continue;
    if (looks_random(assigned_literal(text, at + name.size()))) return "assigned credential";
  }
  return nullptr;
}

SecretFinding finding(string_view text, std::size_t at, const char* kind) {
  const auto newlines = std::ranges::count(text.substr(0, at), '\n');
  return {kind, static_cast<std::uint32_t>(newlines + 1)};
}

}  // namespace

std::optional<SecretFinding> find_secret(string_view text) {
  constexpr string_view kBegin = "-----BEGIN ";
  for (std::size_t at = text.find(kBegin); at != string_view::npos;
       at = text.find(kBegin, at + 1)) {
    if (is_private_key(text, at)) return finding(text, at, "private key");
  }
  const PairSet& pairs = openings();
  for (std::size_t i = 0; i + 8 < text.size(); ++i) {
    if (!pairs.test(pair_of(text[i], text[i + 1]))) continue;
    if (const char* kind = secret_at(text, i)) return finding(text, i, kind);
  }
  return std::nullopt;
}

}  // namespace engram
