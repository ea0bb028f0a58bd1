# Cluster-robust MLR, with and without missing answers: Holzinger-Swineford, clusters by school, month of birth and sex (more clusters than parameters).
suppressMessages({library(lavaan); library(jsonlite)})
hs <- read.csv("HolzingerSwineford1939.csv"); hs$cl <- paste(hs$school, hs$agemo, hs$sex); hm <- read.csv("hs_missing10.csv"); hm$cl <- hs$cl
M <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
P <- function(f) { p <- as.data.frame(parameterEstimates(f, standardized=TRUE)); p[, intersect(c("lhs","op","rhs","est","se"), names(p))] }
out <- list()
for (nm in c("complete","missing10")) {
  d <- if (nm == "complete") hs else hm
  f <- if (nm == "complete") sem(M, d, cluster="cl", estimator="MLR") else sem(M, d, cluster="cl", estimator="MLR", missing="fiml")
  fm <- fitMeasures(f)
  out[[nm]] <- list(fit_measures = as.list(fm[!is.na(fm)]), parameters = P(f)) }
out$n_clusters <- length(unique(hs$cl))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE), "lavaan_hs_clusters.json")
print(out$n_clusters); print(out$complete$fit_measures[c("chisq","chisq.scaled","chisq.scaling.factor","cfi.robust")])
