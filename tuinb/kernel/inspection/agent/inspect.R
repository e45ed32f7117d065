# Answers questions about the names and the tables of R's global environment.
#
# It is evaluated in a new environment whose parent is that of base, so that no function of the user's is called instead of
# base's, and nothing is left behind. Methods of the user's classes do not run: attributes are read by attr, parts by .subset2,
# and only values of known classes are formatted by their class. Active bindings, which are functions, are not read. Promises
# (delayedAssign) can't be told from values in R code: to read one runs its code.

LONGEST <- 60L
KNOWN <- c("factor", "ordered", "Date", "POSIXct", "POSIXt", "difftime", "data.frame", "tbl_df", "tbl", "data.table",
           "table", "noquote", "AsIs")

text <- function(x) {
  x <- enc2utf8(as.character(x))
  bad <- !is.na(x) & !validUTF8(x)
  x[bad] <- iconv(x[bad], "latin1", "UTF-8")
  x
}

cut_text <- function(x, most = LONGEST) {
  long <- !is.na(x) & nchar(x, "chars", allowNA = TRUE) > most
  long[is.na(long)] <- FALSE
  x[long] <- paste0(substr(x[long], 1L, most - 1L), "\u2026")
  x
}

plain <- function(x) !is.object(x) || (!isS4(x) && all(attr(x, "class") %in% KNOWN))
is_frame <- function(x) typeof(x) == "list" && is.object(x) && "data.frame" %in% attr(x, "class")
is_matrix <- function(x) is.atomic(x) && length(attr(x, "dim")) == 2L && plain(x)
size_of <- function(x) if (is.object(x) && typeof(x) != "environment") length(unclass(x)) else length(x)

type_of <- function(x) {
  if (is.object(x)) return(cut_text(text(attr(x, "class")[[1L]])))
  if (is.null(x)) return("NULL")
  kind <- c(double = "numeric", closure = "function", builtin = "function", special = "function")[typeof(x)]
  if (is.na(kind)) typeof(x) else kind[[1L]]
}

shape_of <- function(x) {
  if (is_frame(x)) return(c(.row_names_info(x, 2L), length(unclass(x))))
  if (plain(x)) attr(x, "dim")
}

# ---- values as text

items <- function(x, whole = FALSE) {
  # Returns the items of a vector as text. NA stays NA.
  if (is.factor(x)) return(text(attr(x, "levels"))[as.integer(unclass(x))])
  if (inherits(x, c("Date", "POSIXct")) && plain(x)) return(format(x))
  x <- unclass(x)
  if (is.list(x)) return(vapply(x, short, ""))
  attributes(x) <- NULL
  if (!is.atomic(x)) return(rep("<object>", length(x)))
  x <- if (is.double(x)) ifelse(is.na(x) & !is.nan(x), NA, format_number(x, whole)) else text(x)
  if (whole) x else cut_text(x)
}

format_number <- function(x, whole) vapply(x, function(one) format(one, digits = if (whole) 17L else 15L, trim = TRUE), "")

short <- function(x, depth = 1L) {
  if (is.null(x)) return("NULL")
  if (is.function(x)) return(signature_of(x))
  if (is.environment(x)) return("<environment>")
  if (is_frame(x)) return(cut_text(paste(text(utf8_names(x)), collapse = ", ")))
  if (!plain(x)) return(paste0("<", type_of(x), ">"))
  if (is.symbol(x) || is.language(x)) return(paste0("<", typeof(x), ">"))
  if (typeof(x) == "S4" || !(is.atomic(x) || is.list(x))) return(paste0("<", typeof(x), ">"))
  size <- size_of(x)
  first <- seq_len(min(size, 6L))
  if (is.list(x)) {
    if (depth == 0L) return(paste0("list of ", size))
    shown <- vapply(first, function(at) short(.subset2(x, at), depth - 1L), "")
  } else {
    part <- if (is.factor(x) || inherits(x, c("Date", "POSIXct"))) x[first] else .subset(x, first)
    shown <- items(part)
    if (is.character(part)) shown <- encodeString(shown, quote = "\"")
    shown[is.na(shown) | (is.character(part) & is.na(part))] <- "NA"
  }
  names <- if (is.list(x)) attr(x, "names")[first]
  if (length(names)) shown <- ifelse(nzchar(names), paste0(text(names), " = ", shown), shown)
  if (size == 0L) return(paste0(typeof(x), "(0)"))
  joined <- paste(shown, collapse = ", ")
  cut_text(paste0(joined, if (size > 6L && nchar(joined) < LONGEST) ", \u2026"))
}

signature_of <- function(x) {
  if (is.primitive(x)) return("(\u2026)")
  cut_text(paste0("(", paste(text(names(formals(x))), collapse = ", "), ")"))
}

utf8_names <- function(x) {
  names <- attr(x, "names")
  if (is.null(names)) paste0("V", seq_len(length(unclass(x)))) else text(names)
}

# ---- names

where <- globalenv()

describe <- function(name) {
  if (bindingIsActive(as.name(name), where)) return(list(text(name), "data", "active binding", NULL, NULL, NULL, "", FALSE))
  x <- get(name, envir = where, inherits = FALSE)
  shape <- shape_of(x)
  bytes <- c(logical = 4, integer = 4, double = 8, complex = 16, raw = 1)[typeof(x)]
  list(
    text(name), if (is.function(x)) "function" else "data", type_of(x), if (!is.null(shape)) I(shape),
    if (is.null(shape) && (is.atomic(x) || is.list(x)) && plain(x)) size_of(x),
    if (!is.na(bytes) && plain(x)) bytes[[1L]] * size_of(x), short(x), is_frame(x) || is_matrix(x)
  )
}

found <- function(name) exists(name, envir = where, inherits = FALSE) && !bindingIsActive(as.name(name), where)

op_names <- function(part, characters) {
  names <- ls(where, all.names = FALSE, sorted = TRUE)
  names <- names[grepl(tolower(part), tolower(names), fixed = TRUE) | !nzchar(part)]
  rows <- list()
  size <- 0
  for (name in names) {
    if (size > characters) break
    row <- tryCatch(describe(name), error = function(e) list(text(name), "data", "", NULL, NULL, NULL, "<can't be read>", FALSE))
    size <- size + nchar(row[[7L]], "bytes") + 80
    rows[[length(rows) + 1L]] <- row
  }
  list(names = I(rows), left = length(names) - length(rows))
}

op_inspect <- function(name) {
  if (!found(name)) return(list(gone = TRUE))
  x <- get(name, envir = where, inherits = FALSE)
  if (is.function(x)) {
    source <- if (is.primitive(x)) character() else text(deparse(x, nlines = 500L))
    return(list(lines = I(c(paste0(text(name), signature_of(x)), "", source))))
  }
  lines <- character()
  add <- function(x, head, level) {
    if (length(lines) >= 2000L) return(invisible())
    opens <- is.list(x) && level < 5L && length(unclass(x)) > 0L
    lines[length(lines) + 1L] <<- paste0(strrep("  ", level), head, type_of(x), if (opens) paste(" of", size_of(x)) else paste0("  ", short(x)))
    if (opens) {
      names <- attr(x, "names")
      for (at in seq_len(min(size_of(x), 200L))) {
        label <- if (is.null(names) || !nzchar(names[[at]])) paste0("[[", at, "]]") else text(names[[at]])
        add(.subset2(x, at), paste0(label, ": "), level + 1L)
      }
    }
  }
  add(x, paste0(text(name), ": "), 0L)
  list(lines = I(lines))
}

# ---- tables

table_at <- function(source) {
  if (!found(source)) return(NULL)
  x <- get(source, envir = where, inherits = FALSE)
  if (is_frame(x) || is_matrix(x)) x else list()
}

facts <- function(x) {
  rows <- if (is_frame(x)) .row_names_info(x, 2L) else attr(x, "dim")[[1L]]
  names <- if (is_frame(x)) utf8_names(x) else {
    known <- attr(x, "dimnames")[[2L]]
    if (is.null(known)) paste0("[,", seq_len(attr(x, "dim")[[2L]]), "]") else text(known)
  }
  list(rows = rows, names = names)
}

column <- function(x, at, rows = NULL) {
  # Returns a column, or some rows of it. A column of an unknown class is read without its methods.
  if (!is_frame(x)) {
    count <- attr(x, "dim")[[1L]]
    attributes(x) <- NULL
    return(x[(at - 1) * count + if (is.null(rows)) seq_len(count) else rows])
  }
  x <- .subset2(x, at)
  if (!is.null(attr(x, "dim"))) return(rep("<matrix>", if (is.null(rows)) attr(x, "dim")[[1L]] else length(rows)))
  if ("integer64" %in% attr(x, "class")) return(rep("<integer64>", if (is.null(rows)) size_of(x) else length(rows)))
  if (!plain(x) || isS4(x)) x <- if (is.list(x)) unclass(x) else as.vector(unclass(x))
  if (is.null(rows)) x else x[rows]
}

comparable <- function(x, at) {
  x <- column(x, at)
  if (is.factor(x)) return(text(attr(x, "levels"))[as.integer(unclass(x))])
  if (!is.atomic(x)) stop("it holds no numbers or texts")
  x
}

shown <- function(x, mask, keys) {
  # Returns the positions of the rows in view, in their order. NULL for all, as they are.
  if (!nzchar(mask) && !length(keys)) return(NULL)
  rows <- seq_len(facts(x)$rows)
  if (nzchar(mask)) rows <- which(eval(parse(text = mask, keep.source = FALSE)[[1L]], list(of = function(at) comparable(x, at))))
  if (length(keys)) {
    by <- lapply(keys, function(key) xtfrm(comparable(x, key[[1L]])[rows]))
    down <- vapply(keys, function(key) as.logical(key[[2L]]), NA)
    rows <- rows[do.call(order, c(by, list(decreasing = down, method = "radix", na.last = TRUE)))]
  }
  rows
}

header <- function(x, names, at) {
  x <- if (is_frame(x)) .subset2(x, at) else x
  list(I(names[[at]]), if (is_frame(x)) "data.frame" else type_of_column(x), !is.object(x) && is.numeric(x))
}

type_of_column <- function(x) if (is.object(x)) type_of(x) else c(double = "numeric")[typeof(x)] %or% typeof(x)
`%or%` <- function(one, other) if (is.na(one)) other else one[[1L]]

op_open <- function(source) {
  x <- table_at(source)
  if (is.null(x)) return(list(gone = TRUE))
  if (is.list(x) && !is_frame(x)) return(list(problem = paste(source, "is no table")))
  known <- facts(x)
  list(type = type_of(x), frame = is_frame(x), rows = known$rows, width = length(known$names), names = I(known$names),
       index = I(if (is_frame(x) && .row_names_info(x) > 0L) "" else character()))
}

op_window <- function(source, shape, rows, columns, mask, keys, whole = FALSE, numbers = FALSE) {
  x <- table_at(source)
  if (is.null(x)) return(list(gone = TRUE))
  if (is.list(x) && !is_frame(x)) return(list(changed = paste(source, "was set again")))
  known <- facts(x)
  if (known$rows != shape[[1L]] || length(known$names) != shape[[2L]]) {
    return(list(changed = paste0(source, " has ", known$rows, " \u00d7 ", length(known$names), " now")))
  }
  places <- shown(x, mask, keys)
  count <- if (is.null(places)) known$rows else length(places)
  wanted <- seq_len(max(0L, min(rows[[2L]], count) - rows[[1L]])) + rows[[1L]]
  if (length(rows) > 2L) wanted <- wanted[seq(1L, length(wanted), by = rows[[3L]])[seq_along(wanted) <= length(wanted)]]
  wanted <- wanted[!is.na(wanted)]
  places <- if (is.null(places)) wanted else places[wanted]
  at <- seq_len(max(0L, min(columns[[2L]], length(known$names)) - columns[[1L]])) + columns[[1L]]
  read <- function(one) {
    values <- column(x, one, places)
    if (numbers && !is.object(values) && is.numeric(values)) I(as.double(values)) else I(items(values, whole))
  }
  labels <- if (is_frame(x) && .row_names_info(x) > 0L) text(attr(x, "row.names")[places]) else as.character(places)
  list(cells = I(lapply(at, read)), labels = I(list(I(labels))), header = I(lapply(at, function(one) header(x, known$names, one))),
       count = count)
}

op_search <- function(source, shape, wanted, start, backwards, mask, keys) {
  x <- table_at(source)
  if (is.null(x)) return(list(gone = TRUE))
  places <- shown(x, mask, keys)
  if (is.null(places)) places <- seq_len(facts(x)$rows)
  width <- length(facts(x)$names)
  best <- NULL
  from <- start[[1L]] * width + start[[2L]]
  for (at in seq_len(width)) {
    values <- column(x, at, places)
    hits <- if (!is.object(values) && is.numeric(values)) which(values == suppressWarnings(as.numeric(wanted)))
            else which(grepl(tolower(wanted), tolower(items(values)), fixed = TRUE))
    cells <- (hits - 1) * width + (at - 1)
    cells <- if (backwards) cells[cells <= from] else cells[cells >= from]
    if (length(cells)) best <- if (backwards) max(best, cells) else min(best, cells)
  }
  if (is.null(best)) list(none = TRUE) else list(row = best %/% width, column = best %% width)
}

answer <- function(operation, seconds, arguments) {
  setTimeLimit(elapsed = seconds, transient = TRUE)
  on.exit(setTimeLimit(cpu = Inf, elapsed = Inf, transient = FALSE))
  tryCatch(
    suppressWarnings(do.call(list(names = op_names, inspect = op_inspect, open = op_open, window = op_window,
                                  search = op_search)[[operation]], arguments)),
    error = function(e) {
      message <- conditionMessage(e)
      if (grepl("time limit", message, fixed = TRUE)) list(late = seconds) else list(problem = substr(text(message), 1L, 300L))
    }
  )
}
