# frozen_string_literal: true

require 'set'
require_relative 'book'

# Things one can keep.
module Library
  VERSION = '1.0'
  Point = Struct.new(:x, :y)

  # Holds books.
  class Shelf < Base::Store
    include Enumerable
    extend Forwardable

    LIMIT = 10
    attr_reader :books, :limit
    attr_accessor :name
    @@count = 0

    # Makes one.
    def initialize(limit = LIMIT, *rest, name:, strict: false, **options, &block)
      @books = []
      @limit = limit
      @name = name
      @@count += 1
      super()
    end

    def <<(book)
      raise FullError, "no room for #{book.title}" if full?
      @books << book
      self
    end

    def each
      return to_enum(:each) unless block_given?
      @books.each { |book, index = 0| yield book, index }
    end

    def full?
      total = books.sum(&:size)
      doubled = books.map do |item|
        item.size * total
      end
      doubled.first > LIMIT
    end

    alias_method :full, :full?
    alias size count

    def self.open(path)
      new(name: File.basename(path))
    rescue Errno::ENOENT => error
      log(error)
    end

    class << self
      def shared
        @shared ||= new(name: 'shared')
      end
    end

    private

    def secret=(value)
      @secret = value
    end
  end

  class Hidden::Inner; end
end

def top_level(a, (b, c))
  handler = ->(x) { x + a + b + c }
  handler.call(1)
end

$global = top_level(1, [2, 3])
