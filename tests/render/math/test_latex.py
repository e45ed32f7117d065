# ruff: noqa: RUF001  formulas are full of characters that look alike
"""Formulas as text: on one row, on several, or not supported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.support import check, context, text_of
from tuinb.render.block import plain
from tuinb.render.math import latex
from tuinb.render.safe import clean, width

pytest.importorskip("math_core", reason="math-core, which reads formulas, is not installed")


def inline(source: str) -> str | None:
    line = latex.inline(source)
    return None if line is None else plain(line)


def display(source: str, columns: int = 60) -> list[str] | None:
    rows = latex.display(source, columns)
    return None if rows is None else [plain(row).rstrip() for row in rows]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"E = mc^2", "E = mc²"),
        (r"\frac{1}{n}\sum_{i=1}^n x_i", "1/n ∑ᵢ₌₁ⁿ xᵢ"),
        (r"\frac{a+b}{2c}", "(a + b)/(2c)"),
        (r"\frac{P(A)}{P(B)}", "P(A)/P(B)"),
        (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
        (r"\frac{d^2x}{dt^2}", "d²x/dt²"),
        (r"\frac{1}{2\pi}", "1/(2π)"),
        (r"\sqrt{2}\sqrt{x+1}\sqrt[3]{x}\sqrt[n]{x}", "√2√(x + 1)∛xⁿ√x"),
        (r"e^{-x^2}", "e^(−x²)"),
        (r"x_\alpha^{\beta}y_{max}", "x_αᵝy_max"),
        (r"\hat{\beta} = (X^\top X)^{-1}X^T y", "β̂ = (XᵀX)⁻¹Xᵀy"),
        (r"\bar{x}, \dot{y}, \vec{B}, \overline{AB}, \widehat{xy}, \tilde n", "x̄, ẏ, B⃗, A̅B̅, hat(xy), ñ"),
        (r"\mathbb{R}^n \mathcal{N}(\mu,\sigma^2)\mathbf{w}", "ℝⁿ𝒩(μ, σ²)w"),
        (r"P(A \mid B), a \bmod n, a \equiv b \pmod{n}", "P(A | B), a mod n, a ≡ b  (mod n)"),
        (r"\operatorname{Var}(X) \log x \sin^2(x)", "Var(X) log x sin²(x)"),
        (r"\lim_{x \to 0} f(x)", "lim_(x→0) f(x)"),
        (r"\mathop{\mathrm{argmin}}\limits_x f, \mathop{\rm max}_i, \mathop{argmax}_w", "argminₓ f, maxᵢ, argmax_w"),
        (r"\begin{smallmatrix} a & b \\ c & d \end{smallmatrix} \mathds{1}", "a, b; c, d𝟙"),
        (r"\binom{n}{k}", "(n over k)"),
        (r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}", "[a, b; c, d]"),
        (r"\begin{cases} x & \text{if } x>0 \\ 0 & \text{else} \end{cases}", "{x if x > 0; 0 else"),
        (r"\underbrace{a+b}_{\text{sum}}", "(a + b)_sum"),
        (r"A \xrightarrow{f} B", "A ─f→ B"),
        (r"x_1, \ldots, x_n \cdots", "x₁, …, xₙ ⋯"),
        (r"f'(x) \Delta G^\circ", "f′(x)ΔG°"),
        (r"\boxed{x}", "[x]"),
        (r"\text{if $x$ is} \mbox{b}", "if x isb"),
        (r"\textbf{bold}", "bold"),
        (r"\ell(\theta) \tag{1} \label{eq}", "ℓ(θ)  (1)"),
        (r"\abs{x} \norm{y}", "|x|‖y‖"),
        (r"10^{-3}\,\mathrm{m/s}", "10⁻³ m/s"),
        (r"x % a comment", "x"),
        (r"a \phantom{b} c", "a c"),
        (r"x^\frac12", "x^(1/2)"),
        ("\\text{a\u202eb}", "a⟨U+202E⟩b"),
    ],
)
def test_on_one_row(source: str, shown: str) -> None:
    assert inline(source) == shown


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        (r"\frac{1}{n}\sum_{i=1}^n x_i", ["1  n", "─  ∑  xᵢ", "n i=1"]),
        (r"\int_0^\infty e^{-x^2}\,dx", [" ∞  −x²", "∫  e    dx", " 0"]),
        (r"\left(\frac{a}{b}\right)^2", ["⎛a⎞²", "⎜─⎟", "⎝b⎠"]),
        (r"\left.\frac{a}{b}\right|_0", ["a│", "─│", "b│₀"]),
        (r"\begin{pmatrix} 1 & 10 \\ x & y \end{pmatrix}", ["⎛1  10⎞", "⎝x  y ⎠"]),
        (r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}", ["a │ b", "─────", "c │ d"]),
        (r"f = \begin{cases} 1 & a \\ 2 & b \\ 3 & c \end{cases}", ["    ⎧1 a", "f = ⎨2 b", "    ⎩3 c"]),
        (r"\begin{align} a &= b \\ &= c \nonumber \end{align}", ["a = b", "  = c"]),
        (r"a \\ b", ["a", "b"]),
        (r"\sqrt{\frac{a}{b}}", ["┌─", "│a", "│─", "√b"]),
        (r"\lim_{x \to 0} x", ["lim x", "x→0"]),
        (r"\underbrace{a+b}_{n}", ["a + b", "└─┬─┘", "  n"]),
        (r"\overbrace{a+b}^{n}", ["  n", "┌─┴─┐", "a + b"]),
        (r"\boxed{x}", ["┌───┐", "│ x │", "└───┘"]),
        (r"\binom{n}{k}", ["⎛n⎞", "⎜ ⎟", "⎝k⎠"]),
        (r"\begin{matrix} \frac12 & a \\ b & c \end{matrix}", ["1", "─  a", "2", "", "b  c"]),
        (r"\displaystyle x^{2}", ["x²"]),
        (r"y_{max}", ["y", " max"]),
    ],
)
def test_on_several_rows(source: str, rows: list[str]) -> None:
    assert display(source) == rows


def test_what_is_too_wide_is_flowed() -> None:
    assert display(r"\frac{a}{b} + c + d + e", 9) == ["a/b + c +", "d + e"]
    assert display(r"\begin{align} a &= b + c \\ &= d + e + f\end{align}", 9) == ["a = b + c", "= d + e +", "f"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        " ",
        "\\",
        r"\foo{x}",
        r"\frac{1}",
        r"{x",
        r"\newcommand{\R}{\mathbb{R}} \R",
        r"\def\x{\x\x}\x",
        r"\cancel{x}",
        r"\begin{tabular}{l} a \end{tabular}",
        "x" * 4_000,
        "{" * 60 + "x" + "}" * 60,
        "\\sqrt" * 60 + "x",
        "\\left(" * 60 + "x" + "\\right)" * 60,
        "\\begin{matrix}" * 60 + "x" + "\\end{matrix}" * 60,
        "a\x1b]0;b",
    ],
)
def test_what_is_not_known_or_too_much_is_left_as_it_is(source: str) -> None:
    assert inline(source) is None
    assert display(source) is None


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("$x^2$", ["x²"]),
        ("$\\displaystyle \\frac{a}{b}$", ["a", "─", "b"]),
        ("$$\\frac{a}{b}$$", ["a", "─", "b"]),
        ("\\begin{equation}\nx\n\\end{equation}", ["x"]),
        ("\\frac{a}{b}", ["a", "─", "b"]),
        ("Let $x$ be \\(y\\).\n\nThen \\[z\\] holds.", ["Let x be y.", "Then", "z", "holds."]),
        ("\\(f(x)\\) and \\(a[1]\\)", ["f(x) and a[1]"]),
        ("\\[a \\\\[2pt] b\\]", ["a", "b"]),
    ],
)
def test_the_value_of_text_latex(text: str, rows: list[str]) -> None:
    block = latex.render(text, context(40))
    assert block is not None
    assert [row.rstrip() for row in text_of(block)] == rows


@pytest.mark.parametrize(
    "text", ["", "plain", "\\foo{x}", "a \\b $x$", "$\\foo$", "$$\\foo$$ x", "a $\\foo$ b", "\\(" * 50, "\\\\(x\\)"]
)
def test_text_latex_that_is_shown_otherwise(text: str) -> None:
    assert latex.render(text, context(40)) is None


COMMANDS = (
    r"\frac \sqrt \sum \int \left( \right) \left[ \right] \begin{matrix} \end{matrix} \begin{cases} \end{cases} \\ & { } ^ _ a "
    r"1 + = \alpha \hat \overline \underbrace \text{ \mathbf \lim \limits \binom \xrightarrow \quad \, ' $ % é 漢 \boxed \to"
    r" \substack \mid"
)


@given(st.lists(st.sampled_from(COMMANDS.split()), max_size=30).map(" ".join), st.integers(1, 60))
def test_any_formula_is_drawn_in_its_width_or_not_at_all(source: str, columns: int) -> None:
    rows = latex.display(source, columns) or []
    assert all(width(plain(row)) <= columns or columns < 2 for row in rows)
    line = latex.inline(source)
    if line is not None:
        assert clean(plain(line)) == plain(line)
    block = latex.render(source, context(columns))
    if block is not None and columns > 1:
        check(block, columns)


def test_what_is_no_text_outside_python_keeps_its_source() -> None:
    assert latex.render("$$\\text{\ud800}$$", context()) is None


OPENERS = [
    *"([⌈⌊⌜⟨⟪⦃",
    r"\{",
    r"\lbrack ",
    r"\lbrace ",
    r"\lparen ",
    r"\lgroup ",
    r"\lmoustache ",
    r"\langle ",
    r"\lang ",
    r"\lfloor ",
]
OPENERS += [
    r"\lceil ",
    r"\lvert ",
    r"\lVert ",
    r"\llbracket ",
    r"\ulcorner ",
    r"\llcorner ",
    r"\lBrace ",
    r"\lAngle ",
    r"\llangle ",
]
OPENERS += [r"\llparenthesis "]
CLOSERS = [
    *")]",
    r"\}",
    r"\rangle ",
    r"\rfloor ",
    r"\rceil ",
    r"\rbrace ",
    r"\rbrack ",
    r"\rvert ",
    r"\rrbracket ",
    r"\urcorner ",
    r"\rrangle ",
]


@pytest.mark.parametrize("opener", OPENERS)
def test_brackets_that_stay_open_are_limited(opener: str) -> None:
    """math-core takes twice as long with each."""
    assert latex._tree(opener * 60 + "a") is None
    assert latex._tree(rf"\frac{{{opener * 60}}}{{b}}") is None
    assert latex._tree(opener * 8 + "a") is not None
    assert latex._tree(f"{opener}a)" * 60) is not None


@pytest.mark.parametrize("closer", CLOSERS)
def test_brackets_that_are_closed_are_not(closer: str) -> None:
    assert latex._tree(f"[a, b{closer}" * 30) is not None
    assert latex._tree("[" * 45 + "a" + closer * 45) is None, "too deep"
    assert latex._tree("[" * 30 + "a" + closer * 30) is not None
