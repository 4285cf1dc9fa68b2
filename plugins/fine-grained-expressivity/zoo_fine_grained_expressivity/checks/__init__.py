"""The claims, measured: those about distances, trees and networks."""
