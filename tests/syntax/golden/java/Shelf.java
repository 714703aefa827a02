package org.example.shelf;

import java.util.List;
import static java.util.Map.entry;
import org.example.base.*;

/** Holds books. */
@Deprecated
public abstract class Shelf<T extends Book> extends Base<T> implements Iterable<T>, Closeable {
    public static final int LIMIT = 10;
    private List<T> books, spare = null;

    static {
        register(Shelf.class);
    }

    /**
     * Makes one.
     */
    public Shelf(int limit) {
        super(limit);
        this.books = new ArrayList<>(limit);
    }

    // Adds a book.
    @Override
    public <U extends T> boolean add(final U book, String... notes) throws ShelfException {
        int before = books.size();
        for (String note : notes) book.annotate(note);
        for (int i = 0; i < 3; i++) log(i);
        try (Reader in = open()) {
            books.forEach(b -> b.touch(before));
        } catch (IOException | RuntimeException failure) {
            throw new ShelfException(failure);
        }
        return books.add(book) && before < LIMIT;
    }

    protected abstract T find(String title);

    enum Order { TITLE, AUTHOR { int rank() { return 2; } }; int rank() { return 1; } }

    interface Visitor<R> {
        int DEPTH = 3;
        R visit(Book book);
        default void done() {}
    }

    @interface Checked {
        String value() default "";
    }

    record Point(int x, int y) {
        Point {
            if (x < 0) throw new IllegalArgumentException();
        }
    }
}

class Hidden extends Shelf<Book> {
    Runnable task = () -> Shelf.register(Hidden.class);
    Object anonymous = new Object() {
        @Override public String toString() { return "x"; }
    };
}
