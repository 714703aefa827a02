/** What can be drawn. */
class Drawable {
 public:
  virtual ~Drawable();
  virtual void draw(int depth) const = 0;  ///< Draws it.
};
class Named {
 protected:
  const char* name_ = nullptr;
};
class Square final : public Drawable, private Named {
 public:
  explicit Square(int side);
  Square(const Square&) = default;
  void draw(int depth) const override;
  static int made;
  enum class Corner { kRound, kSharp };
  Corner corner = Corner::kSharp;
  union {
    int whole;
    float part;
  };

 private:
  int side_;
};
int Square::made;
Square::Square(int side) : side_(side) { ++made; }
void Square::draw(int depth) const {
  if (depth > 0) this->draw(depth - side_);
}
void all(const Drawable& d, const Square& s) {
  d.draw(1);
  s.draw(2);
  Square copy = s;
  copy.corner = Square::Corner::kRound;
  auto member = &Square::draw;
  (copy.*member)(3);
}
namespace {
int hidden() { return 1; }
}  // namespace
static int file_only = hidden();
