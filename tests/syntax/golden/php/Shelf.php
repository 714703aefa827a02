<?php
declare(strict_types=1);

namespace Example\Shelf;

use Example\Base\Store;
use Example\Book as Volume;
use function Example\helper;

const VERSION = '1.0';
define('LEGACY', 2);

/**
 * Keeps things.
 */
interface Keeper extends \Countable
{
    const DEPTH = 3;
    public function add(Volume $book, int ...$notes): bool;
}

trait Logs
{
    protected static int $lines = 0;
    private function log(string $text): void { self::$lines++; echo "$text {$this->name}"; }
}

enum Colour: string implements Named
{
    case Red = 'r';
    case Green = 'g';
    const Default = self::Red;
    public function label(): string { return ucfirst($this->value); }
}

/** Holds books. */
#[Entity]
abstract class Shelf extends Store implements Keeper
{
    use Logs;

    public const LIMIT = 10, SPARE = 2;
    private array $books = [], $extra;
    public static ?Shelf $shared = null;

    public function __construct(private readonly string $name, protected int $limit = self::LIMIT)
    {
        parent::__construct($name);
        $this->books = [];
    }

    // Adds one.
    public function add(Volume $book, int ...$notes): bool
    {
        global $registry;
        $before = count($this->books);
        foreach ($notes as $index => $note) { $this->log("$index"); helper($note); }
        $twice = function (int $n) use ($before) { return $n * $before; };
        $thrice = fn($n) => $n * 3;
        try { $this->books[] = $book; } catch (FullError | IoError $error) { throw new Wrapped($error); }
        $registry[Volume::class] = $twice($thrice(1));
        return $before < static::LIMIT;
    }

    abstract protected function find(string $title): ?Volume;
}

function top_level(int $a, &$b = VERSION): Shelf
{
    static $calls = 0;
    return new class($a) extends Shelf { public function find(string $title): ?Volume { return null; } };
}

$shelf = top_level(1);
